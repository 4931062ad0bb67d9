//! One program with two functions, told apart by their handlers.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};

async fn search(event: LambdaEvent<Value>) -> Result<Value, Error> {
    let name = event.payload["name"].as_str().unwrap_or("world");
    Ok(json!({"greeting": greetings::greet(name)}))
}

async fn refresh(_: LambdaEvent<Value>) -> Result<Value, Error> {
    Ok(json!({"greeting": greetings::greet("Ada")}))
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    match std::env::var("_HANDLER")?.as_str() {
        "search" => run(service_fn(search)).await,
        "refresh" => run(service_fn(refresh)).await,
        other => Err(format!("no function is called {other}").into()),
    }
}
