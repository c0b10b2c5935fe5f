import { Alert, Box, Button, Center, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { signIn } from '@/api/session';
import { Logo } from '@/app/Logo';
import { problemText } from '@/ui/states';

const route = getRouteApi('/sign-in');

export default function SignInPage() {
  const { next } = route.useSearch();
  const router = useRouter();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const entry = useMutation({
    mutationFn: () => signIn(email, password),
    onSuccess: () => router.history.push(next ?? '/'),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    entry.mutate();
  };

  return (
    <div className="rc-signin">
      <title>Sign in · Rollcall</title>
      <aside className="rc-signin-side" aria-label="About Rollcall">
        <Logo />
        <Box maw={460}>
          <Text fz={34} fw={650} lh={1.2} mb="md">
            Every user counted. Every count proved.
          </Text>
          <Text c="#b9d6cd" fz="md">
            Exact audiences over all of your history, counted while you type, and counted again by a second
            engine whenever somebody asks.
          </Text>
        </Box>
        <Text size="xs" c="#8fb3a8">
          Your data stays on your own machines.
        </Text>
      </aside>
      <Center component="main" p="xl">
        <Box w="100%" maw={360}>
          <Box hiddenFrom="md" mb="xl">
            <Logo dark={false} />
          </Box>
          <Title order={1} mb={4}>
            Sign in
          </Title>
          <Text c="dimmed" size="sm" mb="lg">
            Use the account that your administrator made for you.
          </Text>
          <form onSubmit={submit}>
            <Stack>
              {entry.error && (
                <Alert color="red" role="alert" title={problemText(entry.error).title}>
                  {problemText(entry.error).detail}
                </Alert>
              )}
              <TextInput
                label="E-mail"
                type="email"
                autoComplete="username"
                required
                withAsterisk={false}
                autoFocus
                value={email}
                onChange={(event) => setEmail(event.currentTarget.value)}
              />
              <PasswordInput
                label="Password"
                autoComplete="current-password"
                required
                withAsterisk={false}
                value={password}
                onChange={(event) => setPassword(event.currentTarget.value)}
                visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
              />
              <Button type="submit" size="md" loading={entry.isPending} fullWidth>
                Sign in
              </Button>
            </Stack>
          </form>
        </Box>
      </Center>
    </div>
  );
}
