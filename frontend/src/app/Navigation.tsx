import { Box, ScrollArea } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Role } from '@/api/types';
import { can } from '@/features/session/model/permissions';
import { navigation } from './navigation';

export function Navigation({ role }: { role: Role }) {
  return (
    <ScrollArea component="nav" aria-label="Main" style={{ flex: 1 }} type="never">
      {navigation.map((section) => {
        const items = section.items.filter((item) => !item.needs || can(role, item.needs));
        if (items.length === 0) return null;
        return (
          <Box key={section.title}>
            {section.title ? <div className="rc-navtitle">{section.title}</div> : <Box h={8} />}
            {items.map((item) => (
              <Link
                key={item.to}
                to={item.to}
                className="rc-navlink"
                activeOptions={{ exact: item.to === '/', includeSearch: false }}
              >
                <item.icon size={18} stroke={1.7} aria-hidden />
                {item.label}
              </Link>
            ))}
          </Box>
        );
      })}
    </ScrollArea>
  );
}
