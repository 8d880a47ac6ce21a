#include "tollgate/background.h"

#include <memory>
#include <string>

#include "capi/objects.hpp"
#include "gateway/journal_keeper.hpp"

struct tg_background {
  std::shared_ptr<tollgate::gateway::Gateway> gateway;
  tollgate::gateway::JournalKeeper journal;
  tollgate::Time now;
  std::string record;  ///< Of the last action given.

  explicit tg_background(std::shared_ptr<tollgate::gateway::Gateway> of, tollgate::Time at)
      : gateway(std::move(of)), journal(gateway->environment()), now(at) {}
};

using tollgate::Code;
using tollgate::invalid;
using tollgate::Status;
using tollgate::capi::guard;

namespace {

/// The background makes no upstream calls of its own yet, so every such event is late.
tg_status ignore_event(const tg_background* background, tg_error** error) {
  return guard(error, [&]() -> Status {
    return background == nullptr ? invalid("background is NULL") : Status();
  });
}

}  // namespace

tg_status tg_background_open(const tg_gateway* gateway, tg_time now, tg_background** background,
                             tg_error** error) {
  if (background != nullptr) *background = nullptr;
  return guard(error, [&]() -> Status {
    if (gateway == nullptr || background == nullptr) return invalid("an argument is NULL");
    auto made = std::make_unique<tg_background>(gateway->gateway, tollgate::capi::time_of(now));
    if (!made->gateway->take_background()) {
      return Status(Code::kState, "this gateway's background is open already");
    }
    *background = made.release();
    return Status();
  });
}

tg_status tg_background_tick(tg_background* background, tg_time now, tg_error** error) {
  return guard(error, [&]() -> Status {
    if (background == nullptr) return invalid("background is NULL");
    background->now = tollgate::capi::time_of(now);
    return Status();
  });
}

tg_status tg_background_journal_start(tg_background* background, tg_time now, tg_error** error) {
  return guard(error, [&]() -> Status {
    if (background == nullptr) return invalid("background is NULL");
    background->now = tollgate::capi::time_of(now);
    return background->journal.start(background->now);
  });
}

tg_status tg_background_journal_done(tg_background* background, tg_bytes reply, tg_time now,
                                     tg_error** error) {
  return guard(error, [&]() -> Status {
    if (background == nullptr) return invalid("background is NULL");
    background->now = tollgate::capi::time_of(now);
    return background->journal.done(tollgate::capi::view(reply), background->now);
  });
}

tg_status tg_background_journal_failed(tg_background* background, tg_time now, tg_error** error) {
  return guard(error, [&]() -> Status {
    if (background == nullptr) return invalid("background is NULL");
    background->now = tollgate::capi::time_of(now);
    return background->journal.failed(background->now);
  });
}

tg_status tg_background_next_action(tg_background* background, tg_action* action,
                                    tg_error** error) {
  return guard(error, [&]() -> Status {
    if (background == nullptr || action == nullptr) return invalid("an argument is NULL");
    if (action->struct_size < sizeof(tg_action)) {
      return Status(Code::kAbi, "tg_action.struct_size is too small; use TG_ACTION_INIT");
    }
    tg_action next = TG_ACTION_INIT;
    next.kind = TG_ACTION_WAIT;
    next.deadline_ns = TG_NO_DEADLINE;
    if (background->gateway->environment()->abandoned.take(background->record)) {
      next.kind = TG_ACTION_RECORD;
      next.deadline_ns = 0;
      next.body = tollgate::capi::bytes(background->record);
    } else if (const std::string_view batch = background->journal.next(background->now);
               !batch.empty()) {
      next.kind = TG_ACTION_JOURNAL;
      next.deadline_ns = 0;
      next.body = tollgate::capi::bytes(batch);
    } else {
      next.deadline_ns = background->journal.deadline_ns(background->now);
    }
    tollgate::capi::write_struct(next, action);
    return Status();
  });
}

tg_status tg_background_upstream_head(tg_background* background, uint32_t /*attempt*/,
                                      uint32_t /*status*/, const tg_bytes* /*headers*/,
                                      uint32_t /*pair_count*/, tg_time /*now*/, tg_error** error) {
  return ignore_event(background, error);
}

tg_status tg_background_upstream_body(tg_background* background, uint32_t /*attempt*/,
                                      tg_bytes /*body*/, tg_time /*now*/, tg_error** error) {
  return ignore_event(background, error);
}

tg_status tg_background_upstream_end(tg_background* background, uint32_t /*attempt*/,
                                     tg_time /*now*/, tg_error** error) {
  return ignore_event(background, error);
}

tg_status tg_background_upstream_failed(tg_background* background, uint32_t /*attempt*/,
                                        int32_t /*failure*/, tg_bytes /*detail*/, tg_time /*now*/,
                                        tg_error** error) {
  return ignore_event(background, error);
}

void tg_background_close(tg_background* background) {
  if (background == nullptr) return;
  background->gateway->give_background();
  delete background;
}
