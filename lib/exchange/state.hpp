#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace tollgate::exchange {

// The life of an exchange. This file is its whole law; whatever changes the state asks it.
//
//  1. The request is read whole before anything is decided about it.
//  2. Every road to an upstream passes kAdmitting (the principal's scopes, once) and kSelecting
//     (the target's scopes, per attempt); an attempt is made from the leases these two give.
//  3. Until the client has been sent content, a failed attempt goes back to kSelecting; from
//     kStreaming there is no way back, so that exactly one answer reaches the client.
//  4. kWaitingAux is for calls of the gateway itself (tokens, keys); they are no attempts.
//  5. Every road ends in kSettling: leases resolved, the record written; then kDone, from which
//     nothing leads anywhere.

enum class State : uint8_t {
  kReadingHead,
  kReadingBody,
  kIdentifying,      ///< Waiting for the keys of the caller's identity provider.
  kAdmitting,        ///< Waiting for the principal's scopes.
  kSelecting,        ///< Choosing the next target; waiting for its scopes.
  kWaitingAux,       ///< Waiting for a call of the gateway itself.
  kCallingUpstream,  ///< Opened; no answer's head yet.
  kHolding,          ///< A stream's head is here, its first content is not.
  kCollecting,       ///< An answer that is taken whole (JSON, errors).
  kStreaming,        ///< Content has gone to the client.
  kSettling,
  kDone
};
inline constexpr size_t kStateCount = 12;

enum class Event : uint8_t {
  kHeadRead,
  kRequestRead,
  kAnswered,  ///< The gateway has answered by itself: refusal, health, models.
  kMustWait,
  kAdmitted,
  kCallerRefused,  ///< By a store, or not written: what was reserved behind it is given back.
  kTargetChosen,
  kTargetsSpent,
  kAuxNeeded,
  kAuxEnded,  ///< It came or it failed; selecting decides what that means.
  kUpstreamStream,
  kUpstreamWhole,
  kUpstreamFailed,
  kContentBegun,
  kAnswerComplete,
  kClientGone,
  kSettled
};
inline constexpr size_t kEventCount = 17;

struct Transition {
  State from;
  Event event;
  State to;
};

// A pair that is not listed is not allowed: TG_E_STATE when a client's event would cause it,
// ignored when a late upstream event would. One row per line, whatever its length.
// clang-format off
inline constexpr Transition kTransitions[] = {
    {State::kReadingHead, Event::kHeadRead, State::kReadingBody},
    {State::kReadingHead, Event::kAnswered, State::kSettling},
    {State::kReadingHead, Event::kClientGone, State::kSettling},

    {State::kReadingBody, Event::kRequestRead, State::kAdmitting},
    {State::kReadingBody, Event::kAnswered, State::kSettling},
    {State::kReadingBody, Event::kAuxNeeded, State::kIdentifying},
    {State::kReadingBody, Event::kClientGone, State::kSettling},

    {State::kIdentifying, Event::kAuxEnded, State::kReadingBody},  // Which is whole by now.
    {State::kIdentifying, Event::kAnswered, State::kSettling},
    {State::kIdentifying, Event::kClientGone, State::kSettling},

    {State::kAdmitting, Event::kMustWait, State::kAdmitting},
    {State::kAdmitting, Event::kAdmitted, State::kSelecting},
    {State::kAdmitting, Event::kAnswered, State::kSettling},
    {State::kAdmitting, Event::kClientGone, State::kSettling},

    {State::kSelecting, Event::kMustWait, State::kSelecting},
    {State::kSelecting, Event::kCallerRefused, State::kAdmitting},
    {State::kSelecting, Event::kAuxNeeded, State::kWaitingAux},
    {State::kSelecting, Event::kTargetChosen, State::kCallingUpstream},
    {State::kSelecting, Event::kTargetsSpent, State::kSettling},
    {State::kSelecting, Event::kClientGone, State::kSettling},

    {State::kWaitingAux, Event::kAuxEnded, State::kSelecting},
    {State::kWaitingAux, Event::kClientGone, State::kSettling},

    {State::kCallingUpstream, Event::kUpstreamStream, State::kHolding},
    {State::kCallingUpstream, Event::kUpstreamWhole, State::kCollecting},
    {State::kCallingUpstream, Event::kUpstreamFailed, State::kSelecting},
    {State::kCallingUpstream, Event::kClientGone, State::kSettling},

    {State::kHolding, Event::kContentBegun, State::kStreaming},
    {State::kHolding, Event::kUpstreamFailed, State::kSelecting},
    {State::kHolding, Event::kClientGone, State::kSettling},

    {State::kCollecting, Event::kAnswerComplete, State::kSettling},
    {State::kCollecting, Event::kUpstreamFailed, State::kSelecting},
    {State::kCollecting, Event::kClientGone, State::kSettling},

    {State::kStreaming, Event::kAnswerComplete, State::kSettling},
    {State::kStreaming, Event::kUpstreamFailed, State::kSettling},  // Content went out: no second try.
    {State::kStreaming, Event::kClientGone, State::kSettling},

    {State::kSettling, Event::kSettled, State::kDone},
};
// clang-format on

/// Where an event leads, or nothing when it is not allowed in that state.
constexpr std::optional<State> next_state(State from, Event event) {
  for (const Transition& row : kTransitions) {
    if (row.from == from && row.event == event) return row.to;
  }
  return std::nullopt;
}

constexpr bool no_way_back_from_done() {
  for (const Transition& row : kTransitions) {
    if (row.from == State::kDone) return false;
  }
  return true;
}
static_assert(no_way_back_from_done());

constexpr bool content_is_final() {
  for (const Transition& row : kTransitions) {
    if (row.from == State::kStreaming && row.to != State::kSettling) return false;
  }
  return true;
}
static_assert(content_is_final());

constexpr bool upstream_needs_selection() {
  for (const Transition& row : kTransitions) {
    if (row.to == State::kCallingUpstream && row.from != State::kSelecting) return false;
    if (row.to == State::kSelecting && row.from == State::kReadingBody) return false;
  }
  return true;
}
static_assert(upstream_needs_selection());

constexpr bool every_state_but_done_sees_the_client_go() {
  for (size_t s = 0; s < kStateCount; ++s) {
    const State state = static_cast<State>(s);
    if (state == State::kSettling || state == State::kDone) continue;
    if (!next_state(state, Event::kClientGone)) return false;
  }
  return true;
}
static_assert(every_state_but_done_sees_the_client_go());

}  // namespace tollgate::exchange
