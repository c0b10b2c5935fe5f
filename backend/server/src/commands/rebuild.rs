//! `rollcall rebuild-index`.

use std::process::ExitCode;

use clap::Args;
use rollcall_app::App;

use super::{Instance, failed};

/// Delete the index and build it again from the lake. Members, digests and builds come out the same.
#[derive(Debug, Args)]
pub struct Rebuild {
    #[command(flatten)]
    instance: Instance,
}

impl Rebuild {
    /// Rebuilds and compares.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let before = {
            let app = self.instance.open().await?;
            let print = app.index_fingerprint().await.map_err(failed)?;
            app.stop().await.map_err(failed)?;
            print
        };
        App::delete_index(&self.instance.config()?).map_err(failed)?;
        let app = self.instance.open().await?;
        let after = app.index_fingerprint().await.map_err(failed)?;
        app.stop().await.map_err(failed)?;
        println!("before {before}\nafter  {after}");
        if before != after {
            eprintln!("The rebuilt index differs from the one before.");
            return Ok(ExitCode::FAILURE);
        }
        println!("The rebuilt index is the same.");
        Ok(ExitCode::SUCCESS)
    }
}
