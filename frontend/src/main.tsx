import '@mantine/core/styles.css';
import '@mantine/notifications/styles.css';
import '@/ui/rollcall.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { onSignedOut } from '@/api/client';
import { queryClient } from '@/api/query';
import { sessionQuery } from '@/api/session';
import { router } from '@/app/router';
import { theme } from '@/ui/theme';

onSignedOut(() => {
  const here = router.state.location.href;
  queryClient.setQueryData(sessionQuery.queryKey, null);
  if (!here.startsWith('/sign-in')) void router.navigate({ to: '/sign-in', search: { next: here } });
});

const root = document.getElementById('root');
if (!root) throw new Error('the page has no root');

createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <Notifications position="bottom-right" />
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
