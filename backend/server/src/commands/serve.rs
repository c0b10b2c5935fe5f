//! `rollcall serve`.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::{Instance, failed};
use crate::ambient::System;

/// Run the server: collection, API and page on one address.
#[derive(Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    instance: Instance,
    /// Address and port; wins over the configuration.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
}

impl Serve {
    /// Serves until Ctrl-C or SIGTERM, then finishes requests, flushes and ends.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let mut config = self.instance.config()?;
        if let Some(address) = &self.listen {
            config.listen.clone_from(address);
        }
        let asked_to_stop = asked_to_stop()?;
        let listener = listen(&config.listen).await?;
        if config.public_url.is_empty() {
            config.public_url = format!("http://{}", listener.local_addr()?);
        }
        let app = self.instance.open_as(config, Arc::new(System)).await?;
        if !app.is_set_up().await.map_err(failed)? {
            eprintln!("Nobody can sign in yet: stop, run `rollcall init` for an administrator, and start again.");
        }
        app.start();
        println!("listening on http://{}", listener.local_addr()?);
        let router = rollcall_api::router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
        let stopping = app.clone();
        axum::serve(listener, router)
            .with_graceful_shutdown(async move {
                asked_to_stop.await;
                stopping.begin_stop();
            })
            .await?;
        app.stop().await.map_err(failed)?;
        Ok(ExitCode::SUCCESS)
    }
}

async fn listen(address: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| match address.parse::<SocketAddr>() {
        Ok(_) => format!("listening on {address} (is another program using the port? choose one with --listen)"),
        Err(_) => format!("`{address}` is no address to listen on; write one such as 127.0.0.1:8080 or 0.0.0.0:80"),
    })
}

/// Resolves when Ctrl-C or SIGTERM comes. They are listened for from the call on, so that none that comes before the server
/// is up ends the process unflushed.
fn asked_to_stop() -> anyhow::Result<impl Future<Output = ()>> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
