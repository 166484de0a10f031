"""End a play by a drill's verdict: the exit status tells a service that failed from a proof that did."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):
    """Succeed, fail (the playbook exits with 2), or be unreachable (it exits with 4)."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Answer Ansible."""
        super().run(tmp, task_vars)
        _, arguments = self.validate_argument_spec(  # type: ignore[no-untyped-call]  # ansible-core is typed in part
            {
                "verdict": {
                    "type": "str",
                    "required": True,
                    "choices": ["passed", "deviated", "aborted", "inconclusive"],
                },
                "message": {"type": "str", "required": True},
            }
        )
        verdict = arguments["verdict"]
        result: dict[str, Any] = {"changed": False, "msg": arguments["message"]}
        # Ansible has two exit statuses for a play that went wrong. Nothing was wrong with the service as far as the
        # drill could see, and it could not see far enough: that is what `unreachable` means.
        return result | {"unreachable": verdict == "inconclusive", "failed": verdict in ("deviated", "aborted")}
