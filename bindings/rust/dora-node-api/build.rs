// SPDX-License-Identifier: Apache-2.0

//! Tells the crate where libdora was at build time; `src/ffi.rs` looks there when it is nowhere nearer.

use std::path::PathBuf;

fn main() {
    println!("cargo:rerun-if-env-changed=DORA_SDK");
    let sdk = match std::env::var_os("DORA_SDK") {
        Some(prefix) => PathBuf::from(prefix),
        None => PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../../../artifacts/sdk"),
    };
    let lib = sdk.join("lib");
    let lib = lib.canonicalize().unwrap_or(lib);
    println!("cargo:rustc-env=DORA_SDK_LIB={}", lib.display());
}
