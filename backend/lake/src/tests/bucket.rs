//! The lake in an S3 bucket. Needs a server that honours `If-None-Match`, for example
//! `moto_server -H 127.0.0.1 -p 15000` and `curl -X PUT http://127.0.0.1:15000/rollcall-lake`; then
//! `ROLLCALL_TEST_S3=http://127.0.0.1:15000 cargo test ... bucket -- --ignored`. The bucket must be empty.

use futures::TryStreamExt;
use rollcall_rules::Fact;
use serde_json::json;
use url::Url;

use super::support::{NOW, World};
use crate::{Lake, LakeOptions};

async fn open(endpoint: &str) -> Lake {
    let storage = [
        ("endpoint", endpoint),
        ("region", "us-east-1"),
        ("access_key_id", "test"),
        ("secret_access_key", "test"),
        ("allow_http", "true"),
    ];
    let storage = storage.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let url = Url::parse("s3://rollcall-lake/some/prefix").unwrap();
    Lake::open(&url, LakeOptions { storage, ..LakeOptions::default() }).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs an S3 server"]
async fn a_lake_in_a_bucket() {
    let endpoint = std::env::var("ROLLCALL_TEST_S3").unwrap();
    let (one, two) = (open(&endpoint).await, open(&endpoint).await);
    let mut world = World::default();
    for number in 0..40 {
        let user = format!("user {}", number % 7);
        world.event(&user, ["view", "Order Completed"][number % 2], NOW, json!({"n": number}));
        world.identify(&user, NOW, json!({"plan": number}));
    }
    world.commit_to(&one, 30).await;
    // The other one knows of nothing yet; its puts of existing log entries are refused, and it looks again.
    world.commit_to(&two, 50).await;
    one.commit(world.batch()).await.unwrap();
    two.commit(world.batch()).await.unwrap();
    one.write_list("staff", 0, &["user 1".to_owned()]).await.unwrap();
    let reader = open(&endpoint).await;
    for lake in [one, two, reader] {
        let facts: Vec<Vec<Fact>> = lake.facts(0, u64::MAX, &world.schema).await.unwrap().try_collect().await.unwrap();
        assert_eq!(facts.concat(), world.facts);
        let rule = json!({"event": "Order Completed", "agg": "max", "of": "n", "op": "gte", "value": 35});
        assert_eq!(world.members(&lake, rule).await, ["user 0", "user 2", "user 4"]);
    }
}
