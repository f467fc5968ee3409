// tollgate for C++17: a thin skin over tollgate.h, header only. It owns handles, and decides nothing.
//
// SPDX-License-Identifier: MIT OR Apache-2.0
//
//     auto made = tollgate::gate::from_file("tollgate.toml");      // one a process, shared by all threads
//     if (!made.ok()) return complain(made.message());
//     tollgate::gate gate = std::move(made).value();
//     tollgate::scratch scratch;                                   // one a thread
//     auto answer = gate.check(scratch, tollgate::request(token)); // what stands behind "Bearer "
//     if (answer) welcome(answer.id()); else send(answer.http_status());
//
// Bool: only what was judged stands in a condition, and true is "admitted". All other calls that can fail
// give a result<>, which has ok() and is no bool. What was never written, was moved from or could not be made
// reads as refused: a status, a verdict, every check by an empty gate, every request with a lost peer.
//
// Errors: nothing throws; it works with -fno-exceptions and -fno-rtti. Only a line of text that says what
// went wrong takes memory: a check allocates nothing. No memory to be had ends the process.
//
// Threads: a gate and a peer may be used by several at once, for all that is const; everything else by one at
// a time. Forks, numbers and units are those of tollgate.h, which has more to say of every call.
//
// Views: tokens, certificates and names are borrowed, and texts belong to a scratch: tollgate/texts.hpp
// says for how long.

#ifndef TOLLGATE_HPP
#define TOLLGATE_HPP

#include "tollgate/gate.hpp"
#include "tollgate/request.hpp"
#include "tollgate/status.hpp"
#include "tollgate/texts.hpp"
#include "tollgate/update.hpp"
#include "tollgate/verdict.hpp"

#endif // TOLLGATE_HPP
