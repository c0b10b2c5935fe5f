import {
  IconBroadcast,
  IconChecklist,
  IconDatabaseImport,
  IconHistory,
  IconHome2,
  IconKey,
  IconListDetails,
  IconMail,
  IconScale,
  IconSchema,
  IconTrash,
  IconUserSearch,
} from '@tabler/icons-react';
import type { Action } from '@/features/session/model/permissions';

export interface NavItem {
  to: string;
  label: string;
  icon: typeof IconHome2;
  needs?: Action;
}

export const navigation: { title: string; items: NavItem[] }[] = [
  {
    title: '',
    items: [{ to: '/', label: 'Overview', icon: IconHome2 }],
  },
  {
    title: 'Audiences',
    items: [
      { to: '/segments', label: 'Segments', icon: IconChecklist },
      { to: '/campaigns', label: 'Campaigns', icon: IconMail, needs: 'see campaigns' },
      { to: '/lists', label: 'Lists', icon: IconListDetails, needs: 'see lists' },
      { to: '/lookup', label: 'Look up a user', icon: IconUserSearch, needs: 'look up users' },
      { to: '/trash', label: 'Trash', icon: IconTrash },
    ],
  },
  {
    title: 'Data',
    items: [
      { to: '/sources', label: 'Sources', icon: IconBroadcast },
      { to: '/imports', label: 'Imports', icon: IconDatabaseImport, needs: 'see imports' },
      { to: '/data', label: 'Events and traits', icon: IconSchema },
    ],
  },
  {
    title: 'Proof',
    items: [
      { to: '/recounts', label: 'Recounts', icon: IconScale },
      { to: '/audit-trail', label: 'Audit trail', icon: IconHistory, needs: 'see audit trail' },
    ],
  },
  {
    title: 'Administration',
    items: [{ to: '/access', label: 'Accounts and keys', icon: IconKey, needs: 'manage access' }],
  },
];

