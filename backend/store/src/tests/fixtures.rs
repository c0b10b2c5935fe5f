//! What several tests need to be there.

use serde_json::json;

use crate::{
    AccountId, BuildId, ListId, MembersPayload, NewAccount, NewBuild, NewList, NewSegment, NewSource, NewVersion, Role, Segment,
    SegmentId, SourceId, Store,
};

pub const NOW: i64 = 1_800_000_000_000_000;
pub const DAY: i64 = 86_400_000_000;

pub fn account(id: &str, role: Role) -> NewAccount {
    NewAccount {
        id: AccountId::new(id),
        email: format!("{id}@Example.com"),
        name: format!("Name of {id}"),
        role,
        password_hash: "$argon2id$".to_owned(),
    }
}

pub fn source(id: &str) -> NewSource {
    NewSource { id: SourceId::new(id), name: format!("Source {id}"), write_key: format!("wk_{id}") }
}

pub fn segment(id: &str, segments: &[&str], lists: &[&str]) -> NewSegment {
    NewSegment {
        id: SegmentId::new(id),
        name: format!("Segment {id}"),
        description: String::new(),
        owner: None,
        rule: json!({"any": segments.iter().map(|id| json!({"segment": id})).collect::<Vec<_>>()}),
        segments: segments.iter().map(|id| SegmentId::new(*id)).collect(),
        lists: lists.iter().map(|id| ListId::new(*id)).collect(),
    }
}

pub fn version(name: &str, rule: serde_json::Value, segments: &[&str]) -> NewVersion {
    NewVersion {
        name: name.to_owned(),
        description: String::new(),
        rule,
        author: None,
        segments: segments.iter().map(|id| SegmentId::new(*id)).collect(),
        lists: Vec::new(),
    }
}

pub fn list(id: &str) -> NewList {
    NewList { id: ListId::new(id), name: format!("List {id}"), version: 1, count: 3, known: 2 }
}

pub fn build(id: &str, segment: &str, previous: Option<&str>, members: MembersPayload) -> NewBuild {
    NewBuild {
        id: BuildId::new(id),
        segment_id: SegmentId::new(segment),
        previous: previous.map(BuildId::new),
        segment_version: 1,
        instant: NOW,
        watermark_seq: 77,
        count: 12,
        digest: "ab".repeat(32),
        population: 1000,
        events: 5000,
        added: 2,
        removed: 1,
        inputs: json!({"lists": {"l": 3}}),
        cost_ms: 4,
        members,
    }
}

pub async fn create(store: &Store, id: &str) -> Segment {
    store.create_segment(segment(id, &[], &[]), NOW).await.unwrap()
}
