#!/bin/sh
# Run by the server at each change of its state (wsrep_notify_cmd), which waits for it: that is why this is no Python.
#
# Where a server's group communication gives up, as it may after the host stood still, the server goes on without it and
# stays disconnected for ever. Told to stop, it is started anew by systemd, and joins. One that is disconnected because
# it stops is told so a second time, which changes nothing.
case " $* " in
*" --status disconnected "*) exec kill "$(cat /run/mysqld/mysqld.pid)" ;;
esac
