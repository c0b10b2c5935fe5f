//! First times and habits.

use roaring::RoaringBitmap;
use rollcall_rules::{FirstTimeLeaf, Instant, RegularLeaf};

use crate::evaluate::Scope;
use crate::evaluate::aggregate::users;
use crate::evaluate::scan::Span;
use crate::shard::Shard;
use crate::user_set::collect;

/// Users whose earliest matching event lies in the window: who has one in it and none before it.
pub(crate) fn first_time(scope: &Scope<'_>, leaf: &FirstTimeLeaf, shard: &Shard) -> RoaringBitmap {
    let wanted = scope.span(&leaf.window);
    let before = Span { from: i64::MIN, to: wanted.from };
    let who = |span| users(scope, &scope.sources(&leaf.matching, shard, span), span);
    let inside = who(wanted);
    if inside.is_empty() { inside } else { inside - who(before) }
}

/// Users with enough matching events in enough of the periods.
pub(crate) fn regular(scope: &Scope<'_>, leaf: &RegularLeaf, shard: &Shard) -> RoaringBitmap {
    let edges = leaf.edges(&scope.clock);
    let oldest = edges.last().map_or(scope.clock.now, |edge| *edge);
    let span = Span { from: oldest.0, to: scope.past().to };
    // Packed: uid, then period; sorted, equal ones stand together.
    let mut done: Vec<u64> = Vec::new();
    for source in &scope.sources(&leaf.matching, shard, span) {
        source.matching(span, |uid, row| {
            let period = RegularLeaf::period_of(&edges, Instant(source.table.times[row]));
            done.extend(period.map(|period| u64::from(uid) << 32 | period as u64));
        });
    }
    done.sort();
    let enough = done.chunk_by(|a, b| a == b).filter(|events| events.len() as u64 >= leaf.count);
    let periods: Vec<u32> = enough.filter_map(|events| Some((events.first()? >> 32) as u32)).collect();
    let users = periods.chunk_by(|a, b| a == b).filter(|periods| periods.len() as u64 >= u64::from(leaf.min_periods));
    collect(users.filter_map(|periods| periods.first().copied()))
}
