//! `rollcall init`.

use std::process::ExitCode;

use clap::Args;
use rollcall_app::NewInstance;
use rollcall_app::access::AccountInput;

use super::{Instance, failed};

/// Make an empty instance with its first administrator.
#[derive(Debug, Args)]
pub struct Init {
    #[command(flatten)]
    instance: Instance,
    /// Name of the organisation.
    #[arg(long, default_value = "My organisation")]
    organisation: String,
    /// E-mail address of the administrator.
    #[arg(long)]
    admin_email: String,
    /// Password of the administrator, at least 10 characters; better given as ROLLCALL_PASSWORD.
    #[arg(long, env = "ROLLCALL_PASSWORD", hide_env_values = true)]
    admin_password: String,
}

impl Init {
    /// Makes the instance.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let admin = AccountInput {
            email: self.admin_email.clone(),
            name: "Administrator".into(),
            role: "admin".into(),
            password: self.admin_password,
        };
        // Before there is a folder that would only be half an instance.
        admin.check().map_err(failed)?;
        let app = self.instance.open().await?;
        if app.is_set_up().await.map_err(failed)? {
            anyhow::bail!("this instance has accounts already; make more in the page under Administration, Accounts and keys");
        }
        app.set_up(NewInstance { organisation: self.organisation, admin }).await.map_err(failed)?;
        app.stop().await.map_err(failed)?;
        let folder = self.instance.config()?.data_dir;
        println!("Ready. Start with `rollcall serve --data-dir {}` and sign in as {}.", folder.display(), self.admin_email);
        Ok(ExitCode::SUCCESS)
    }
}
