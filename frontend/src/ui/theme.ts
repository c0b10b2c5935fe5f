import {
  Badge,
  Button,
  Card,
  createTheme,
  type MantineColorsTuple,
  Modal,
  Portal,
  Table,
  Tooltip,
} from '@mantine/core';

const brand: MantineColorsTuple = [
  '#e8f7f3', '#cfece4', '#9fdacb', '#6cc5af', '#43b097',
  '#2b9a82', '#1d8570', '#146b5a', '#0e5648', '#083d33',
];

const ink: MantineColorsTuple = [
  '#f6f8f7', '#edf0ef', '#dfe4e2', '#c6cfcc', '#9aa7a3',
  '#63716d', '#4d5a56', '#38433f', '#222b28', '#141b19',
];

// Mantine's own red and yellow fail AA as text on their light backgrounds.
const red: MantineColorsTuple = [
  '#fdf0ef', '#fadcda', '#f2b6b2', '#ea8d87', '#e26a62',
  '#d5524a', '#c5423b', '#b2332d', '#962822', '#7a1d18',
];

const yellow: MantineColorsTuple = [
  '#fff7e2', '#ffedc4', '#fbdb8f', '#f5c75a', '#efb535',
  '#e2a01c', '#b87d0e', '#8f5f07', '#764d04', '#5d3c02',
];

const dark: MantineColorsTuple = [
  '#e3e9e7', '#c5cecb', '#a0aca8', '#77847f', '#46524e',
  '#34403c', '#242d2a', '#1a2220', '#121917', '#0c1210',
];

export const theme = createTheme({
  primaryColor: 'brand',
  colors: { brand, ink, dark, gray: ink, red, yellow },
  primaryShade: { light: 7, dark: 6 },
  autoContrast: true,
  defaultRadius: 'md',
  cursorType: 'pointer',
  fontFamily:
    'Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif',
  fontFamilyMonospace:
    'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", "DejaVu Sans Mono", monospace',
  fontSizes: { xs: '0.75rem', sm: '0.8438rem', md: '0.9375rem', lg: '1.0625rem', xl: '1.25rem' },
  headings: {
    fontWeight: '650',
    sizes: {
      h1: { fontSize: '1.625rem', lineHeight: '1.25' },
      h2: { fontSize: '1.125rem', lineHeight: '1.35' },
      h3: { fontSize: '0.9375rem', lineHeight: '1.4' },
    },
  },
  shadows: { xs: '0 1px 2px rgba(16, 36, 31, 0.06)' },
  components: {
    Button: Button.extend({ defaultProps: { size: 'sm' } }),
    Badge: Badge.extend({
      defaultProps: { variant: 'light', radius: 'sm', size: 'md' },
      styles: {
        // A badge is read whole, or not at all: it makes its column as wide as itself.
        root: { textTransform: 'none', fontWeight: 600, letterSpacing: 0, flex: 'none', overflow: 'visible' },
        label: { overflow: 'visible' },
      },
    }),
    Card: Card.extend({ defaultProps: { withBorder: true, radius: 'lg', padding: 'lg' } }),
    Modal: Modal.extend({
      defaultProps: {
        radius: 'lg',
        centered: true,
        closeButtonProps: { 'aria-label': 'Close' },
        // A dialog's title bar is no banner of the page.
        attributes: { header: { role: 'none' } },
      },
      styles: { title: { fontWeight: 650, fontSize: '1.0625rem' } },
    }),
    // Menus and dialogs live in a landmark of their own (index.html).
    Portal: Portal.extend({ defaultProps: { target: '#overlays' } }),
    Table: Table.extend({ defaultProps: { verticalSpacing: 'xs', horizontalSpacing: 'md' } }),
    Tooltip: Tooltip.extend({ defaultProps: { withArrow: true, openDelay: 250 } }),
  },
});
