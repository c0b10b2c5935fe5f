import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { queryClient } from '@/api/query';
import { sessionQuery } from '@/api/session';
import { Failure, NotFound, Pending } from './fallbacks';
import { Shell } from './Shell';

/** Every view has its address. Pages load when first opened. */

interface View {
  tab?: string;
}

const view = (search: Record<string, unknown>): View =>
  typeof search.tab === 'string' ? { tab: search.tab } : {};

const root = createRootRoute({ component: Outlet });

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): { next?: string } =>
    typeof search.next === 'string' && /^\/(?!\/)/.test(search.next) ? { next: search.next } : {},
  component: lazyRouteComponent(() => import('@/features/session/components/SignInPage')),
});

const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  component: Shell,
  beforeLoad: async ({ location }) => {
    const session = await queryClient.ensureQueryData(sessionQuery);
    if (!session) throw redirect({ to: '/sign-in', search: { next: location.href } });
  },
});

const page = <Path extends string>(path: Path, load: () => Promise<{ default: () => ReactNode }>) =>
  createRoute({
    getParentRoute: () => shell,
    path,
    validateSearch: view,
    component: lazyRouteComponent(load),
  });

const segments = createRoute({
  getParentRoute: () => shell,
  path: '/segments',
  validateSearch: (search: Record<string, unknown>): { q?: string; sort?: string } => ({
    ...(typeof search.q === 'string' && search.q ? { q: search.q } : {}),
    ...(typeof search.sort === 'string' ? { sort: search.sort } : {}),
  }),
  component: lazyRouteComponent(() => import('@/features/segments/components/SegmentsPage')),
});

const reference = createRoute({
  getParentRoute: () => shell,
  path: '/help/rules',
  validateSearch: (search: Record<string, unknown>): { q?: string } =>
    typeof search.q === 'string' && search.q ? { q: search.q } : {},
  component: lazyRouteComponent(() => import('@/features/reference/components/ReferencePage')),
});

const tree = root.addChildren([
  signIn,
  shell.addChildren([
    page('/', () => import('@/features/home/components/HomePage')),
    segments,
    page('/segments/new', () => import('@/features/segments/components/NewSegmentPage')),
    page('/segments/$id', () => import('@/features/segments/components/SegmentPage')),
    page('/segments/$id/edit', () => import('@/features/segments/components/EditSegmentPage')),
    page('/campaigns', () => import('@/features/campaigns/components/CampaignsPage')),
    page('/campaigns/new', () => import('@/features/campaigns/components/NewCampaignPage')),
    page('/campaigns/$id', () => import('@/features/campaigns/components/CampaignPage')),
    page('/lists', () => import('@/features/lists/components/ListsPage')),
    page('/lookup', () => import('@/features/lookup/components/LookupPage')),
    page('/sources', () => import('@/features/sources/components/SourcesPage')),
    page('/sources/$id', () => import('@/features/sources/components/SourcePage')),
    page('/imports', () => import('@/features/imports/components/ImportsPage')),
    page('/data', () => import('@/features/data/components/DataPage')),
    page('/recounts', () => import('@/features/recounts/components/RecountsPage')),
    page('/recounts/$id', () => import('@/features/recounts/components/RecountPage')),
    page('/audit-trail', () => import('@/features/trail/components/TrailPage')),
    page('/access', () => import('@/features/access/components/AccessPage')),
    page('/trash', () => import('@/features/trash/components/TrashPage')),
    reference,
    page('/words', () => import('@/features/words/components/WordsPage')),
    createRoute({ getParentRoute: () => shell, path: '$', component: NotFound }),
  ]),
]);

export const router = createRouter({
  routeTree: tree,
  defaultPreload: 'intent',
  defaultPendingComponent: Pending,
  defaultErrorComponent: Failure,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
  /** What a link brings along that may stand in no address. */
  interface HistoryState {
    explainUser?: string;
  }
}
