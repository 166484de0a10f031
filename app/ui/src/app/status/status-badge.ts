import { ChangeDetectionStrategy, Component, computed, inject } from '@angular/core';
import { LiveConnection } from '../chat/live-connection';
import { ServedBy } from './served-by';

@Component({
  selector: 'app-status-badge',
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: './status-badge.html',
})
export class StatusBadge {
  protected readonly servedBy = inject(ServedBy).instance;
  protected readonly live = inject(LiveConnection).status;

  protected readonly liveText = computed(() => {
    const live = this.live();
    switch (live.state) {
      case 'closed':
        return 'Live off';
      case 'connecting':
        return 'Live connecting…';
      case 'lost':
        return 'Live lost, reconnecting…';
      case 'open':
        return `Live on ${live.instance}`;
    }
  });
}
