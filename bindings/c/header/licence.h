/*
 * tollgate: client authentication for gateways.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Made from bindings/c/src by a test (bindings/c/tests/header.rs); edits here are lost.
 */
