import { Table } from '@mantine/core';
import type { ReactNode } from 'react';

export interface Column<Row> {
  /** The name of the column; in a narrow window it stands beside each value. */
  title: string;
  key: string;
  cell: (row: Row) => ReactNode;
  /** Shown in place of the name above the column. */
  head?: ReactNode;
  /** The name is for screen readers only. */
  hideTitle?: boolean;
  end?: boolean;
  width?: number | string;
}

/** The one table: scrolls inside itself, and on a phone each row becomes a list of named values. */
export function DataTable<Row>({
  label,
  rows,
  columns,
  rowKey,
  minWidth = 640,
}: {
  label: string;
  rows: Row[];
  columns: Column<Row>[];
  rowKey: (row: Row) => string | number;
  minWidth?: number;
}) {
  return (
    <div className="rc-scroll" tabIndex={0} role="region" aria-label={label}>
      <Table className="rc-table" highlightOnHover miw={minWidth} role="table">
        <Table.Thead role="rowgroup">
          <Table.Tr role="row">
            {columns.map((column) => (
              <Table.Th key={column.key} role="columnheader" className={column.end ? 'rc-end' : undefined} w={column.width}>
                {column.hideTitle ? <span className="rc-hidden">{column.title}</span> : (column.head ?? column.title)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody role="rowgroup">
          {rows.map((row) => (
            <Table.Tr key={rowKey(row)} role="row">
              {columns.map((column) => (
                <Table.Td
                  key={column.key}
                  role="cell"
                  className={column.end ? 'rc-end' : undefined}
                  data-label={column.hideTitle ? undefined : column.title}
                >
                  <div className="rc-cell">{column.cell(row)}</div>
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
