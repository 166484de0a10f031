import type { Routes } from '@angular/router';
import { ChatPage } from './chat-page';
import { FirstRoomPage } from './first-room-page';
import { RoomPage } from './room-page';

export const chatRoutes: Routes = [
  {
    path: '',
    component: ChatPage,
    children: [
      { path: '', pathMatch: 'full', component: FirstRoomPage },
      { path: ':roomId', component: RoomPage },
    ],
  },
];
