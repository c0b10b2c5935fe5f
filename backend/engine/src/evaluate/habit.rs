//! First times and habits.

use roaring::RoaringBitmap;
use rollcall_rules::{FirstTimeLeaf, Instant, RegularLeaf};

use crate::evaluate::Scope;
use crate::evaluate::aggregate::{accumulator, collect};
use crate::evaluate::scan::Span;
use crate::shard::Shard;

/// Users whose earliest matching event lies in the window.
pub(crate) fn first_time(scope: &Scope<'_>, leaf: &FirstTimeLeaf, shard: &Shard) -> RoaringBitmap {
    let (past, wanted) = (scope.past(), scope.span(&leaf.window));
    let sources = scope.sources(&leaf.matching, shard, past);
    let mut earliest = accumulator(scope, &sources);
    for source in &sources {
        earliest.begin(source.grouped());
        source.ends(past, false, |uid, row| {
            let time = source.table.times[row];
            earliest.update(uid, |best: Option<i64>| best.map_or(time, |best| best.min(time)));
        });
    }
    let earliest = earliest.finish(i64::min);
    collect(earliest.iter().filter(|(_, time)| wanted.from <= *time && *time < wanted.to).map(|(uid, _)| *uid))
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
