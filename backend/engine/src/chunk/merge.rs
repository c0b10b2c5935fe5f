//! The order of rows in a new table: by (uid, time, seq) over all sources.

use crate::table::{Order, Table};

/// Rows of the new table, in order.
#[derive(Default)]
pub(crate) struct Merged {
    /// Source and row there.
    pub rows: Vec<(u32, u32)>,
    /// Distinct uids.
    pub users: Vec<u32>,
    /// First row of each, and the number of rows.
    pub starts: Vec<u32>,
}

/// One source's rows by user.
struct Runs<'a> {
    users: std::borrow::Cow<'a, [u32]>,
    starts: std::borrow::Cow<'a, [u32]>,
    /// Rows in order; `None` if they lie in order.
    rows: Option<Vec<u32>>,
    /// Next user.
    at: usize,
}

impl<'a> Runs<'a> {
    fn of(table: &Table<'a>) -> Runs<'a> {
        match table.order {
            Order::Sorted { users, starts, .. } => Runs { users: users.into(), starts: starts.into(), rows: None, at: 0 },
            Order::Arrival { uids } => {
                let mut rows: Vec<u32> = (0..uids.len() as u32).collect();
                // Rows come in the order of seqs, and the sort is stable.
                rows.sort_by_key(|row| (uids[*row as usize], table.times[*row as usize]));
                let (mut users, mut starts) = (Vec::new(), Vec::new());
                for (position, row) in rows.iter().enumerate() {
                    let uid = uids[*row as usize];
                    if users.last() != Some(&uid) {
                        users.push(uid);
                        starts.push(position as u32);
                    }
                }
                starts.push(rows.len() as u32);
                Runs { users: users.into(), starts: starts.into(), rows: Some(rows), at: 0 }
            }
        }
    }

    fn next_uid(&self) -> Option<u32> {
        self.users.get(self.at).copied()
    }

    fn take_run(&mut self) -> impl Iterator<Item = u32> + '_ {
        let range = self.starts[self.at]..self.starts[self.at + 1];
        self.at += 1;
        let rows = self.rows.as_deref();
        range.map(move |position| rows.map_or(position, |rows| rows[position as usize]))
    }
}

/// Merges the rows of several tables.
pub(crate) fn merge(tables: &[Table<'_>]) -> Merged {
    let mut sources: Vec<Runs<'_>> = tables.iter().map(Runs::of).collect();
    let total = tables.iter().map(Table::len).sum();
    let mut merged = Merged { rows: Vec::with_capacity(total), users: Vec::new(), starts: Vec::new() };
    while let Some(uid) = sources.iter().filter_map(Runs::next_uid).min() {
        let start = merged.rows.len();
        merged.users.push(uid);
        merged.starts.push(start as u32);
        let mut runs = 0;
        for (number, source) in sources.iter_mut().enumerate() {
            if source.next_uid() == Some(uid) {
                merged.rows.extend(source.take_run().map(|row| (number as u32, row)));
                runs += 1;
            }
        }
        if runs > 1 {
            merged.rows[start..].sort_by_key(|(source, row)| {
                let table = &tables[*source as usize];
                (table.times[*row as usize], table.seqs.get(*row as usize))
            });
        }
    }
    merged.starts.push(merged.rows.len() as u32);
    merged
}
