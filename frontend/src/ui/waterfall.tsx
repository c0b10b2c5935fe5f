import { Box, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import type { WaterfallStep } from '@/api/types';
import { number, percent } from './format';
import { addsUp, waterfallRows } from './waterfallSteps';

/** Each drop between the rule and the delivered user, as a bar that starts where the last ended. */
export function WaterfallBars({ steps }: { steps: WaterfallStep[] }) {
  const rows = waterfallRows(steps);
  const whole = rows[0]?.amount ?? 0;
  const share = (amount: number) => (whole > 0 ? (amount / whole) * 100 : 0);
  const sound = addsUp(steps);
  return (
    <Stack gap="sm">
      {rows.map((row) => (
        <Box key={row.name}>
          <Group justify="space-between" gap="xs" wrap="nowrap" mb={3}>
            <Text size="sm" fw={row.drop ? 400 : 650}>
              {row.label}
            </Text>
            <Text size="sm" fw={row.drop ? 500 : 650} className="rc-number" style={{ whiteSpace: 'nowrap' }}>
              {row.drop && row.amount > 0 ? '−' : ''}
              {number(row.amount)}{' '}
              <Text span size="xs" c="dimmed">
                {percent(row.amount, whole)}
              </Text>
            </Text>
          </Group>
          <div className="rc-fall" aria-hidden>
            {row.amount > 0 && (
              <span
                data-drop={row.drop || undefined}
                style={{ left: `${row.drop ? share(row.left) : 0}%`, width: `${share(row.amount)}%` }}
              />
            )}
          </div>
        </Box>
      ))}
      <Group gap={6} wrap="nowrap">
        {sound ? <IconCheck size={15} aria-hidden /> : <IconAlertTriangle size={15} aria-hidden />}
        <Text size="xs" c="dimmed">
          {sound ? 'The drops add up: nobody is lost between the steps.' : 'The drops do not add up.'}
        </Text>
      </Group>
    </Stack>
  );
}
