import { Group, Text } from '@mantine/core';

export function Logo({ dark = true }: { dark?: boolean }) {
  return (
    <Group gap={10} wrap="nowrap">
      <svg width="28" height="28" viewBox="0 0 32 32" aria-hidden>
        <rect width="32" height="32" rx="8" fill={dark ? '#2b9a82' : '#146b5a'} />
        <g fill="none" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" strokeLinejoin="round">
          <path d="M8 9.5l1.8 1.8L13 8M17 9.8h7M8 16.5l1.8 1.8L13 15M17 16.8h7" />
          <path d="M8 23.5h4.4M17 23.5h4" opacity=".6" />
        </g>
      </svg>
      <Text fw={700} fz={19} {...(dark ? { c: '#fff' } : {})} style={{ letterSpacing: '-0.01em' }}>
        Rollcall
      </Text>
    </Group>
  );
}
