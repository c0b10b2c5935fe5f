//! Pages of long listings.

/// One page; `next` is the cursor to pass for the following one, `None` on the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T, C> {
    /// The items, in the listing's order.
    pub items: Vec<T>,
    /// Where the next page starts.
    pub next: Option<C>,
}

impl<T, C> Page<T, C> {
    /// Makes a page of rows that were asked for with `limit + 1`: the extra row only proves that there is a next page.
    pub(crate) fn of(mut items: Vec<T>, limit: u32, cursor: impl Fn(&T) -> C) -> Self {
        let limit = limit as usize;
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(cursor) } else { None };
        Self { items, next }
    }
}

/// The number of rows to ask for so that [`Page::of`] can tell whether more follow.
pub(crate) fn one_more(limit: u32) -> i64 {
    i64::from(limit) + 1
}
