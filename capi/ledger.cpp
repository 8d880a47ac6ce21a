#include "tollgate/ledger.h"

#include <memory>
#include <string>
#include <vector>

#include "tollgate/action.h"

#include "guard.hpp"
#include "ledger/ledger.hpp"

using tollgate::Code;
using tollgate::invalid;
using tollgate::NanoUsd;
using tollgate::Result;
using tollgate::Status;
using tollgate::capi::check_bytes;
using tollgate::capi::guard;
using tollgate::capi::time_of;
using tollgate::capi::view;
using tollgate::ledger::Admission;
using tollgate::ledger::AdmissionRequest;
using tollgate::ledger::Balance;
using tollgate::ledger::Verdict;

// The ledger locks itself, so a const handle may be used from many threads.
struct tg_ledger {
  mutable tollgate::ledger::Ledger ledger;
};

static_assert(TG_LEDGER_UNLIMITED == tollgate::ledger::kUnlimited);
static_assert(TG_NO_DEADLINE == tollgate::kNoDeadline);

namespace {

Status check_handle(const tg_ledger* ledger) {
  return ledger == nullptr ? invalid("ledger is NULL") : Status();
}

/// Says for a person why a reservation does not fit; the scope is the error's path.
Status refusal(const Admission& admission) {
  const std::string left = std::to_string(admission.left.value);
  const std::string message =
      admission.verdict == Verdict::kWait
          ? left + " nano-USD are not spent, but open reservations hold too much of them"
          : "only " + left + " nano-USD are left";
  return Status(Code::kLimit, message, admission.scope);
}

Status reserve(const tg_ledger& handle, const AdmissionRequest& request, tg_time now,
               uint64_t& reservation) {
  const Result<Admission> admitted = handle.ledger.admit(request, time_of(now));
  if (!admitted.ok()) return admitted.status();
  if (admitted.value().verdict != Verdict::kAdmitted) return refusal(admitted.value());
  reservation = admitted.value().reservation;
  return Status();
}

}  // namespace

tg_status tg_ledger_create(tg_ledger** ledger, tg_error** error) {
  return guard(error, [&]() -> Status {
    if (ledger == nullptr) return invalid("ledger is NULL");
    *ledger = nullptr;
    *ledger = std::make_unique<tg_ledger>().release();
    return Status();
  });
}

tg_status tg_ledger_limit_set(const tg_ledger* ledger, tg_bytes scope, int64_t limit_nano_usd,
                              tg_error** error) {
  return guard(error, [&]() -> Status {
    if (Status status = check_handle(ledger); !status.ok()) return status;
    if (Status status = check_bytes(scope, "scope"); !status.ok()) return status;
    return ledger->ledger.set_limit(view(scope), limit_nano_usd);
  });
}

tg_status tg_ledger_reserve(const tg_ledger* ledger, const tg_bytes* scopes, uint32_t scope_count,
                            int64_t amount_nano_usd, uint64_t expires_mono_ns, tg_time now,
                            uint64_t* reservation, tg_error** error) {
  return guard(error, [&]() -> Status {
    if (reservation != nullptr) *reservation = 0;
    if (Status status = check_handle(ledger); !status.ok()) return status;
    if (reservation == nullptr) return invalid("reservation is NULL");
    if (scopes == nullptr) return invalid("scopes is NULL");
    // Checked before anything is sized by it: the ledger's own check comes after the copy.
    if (scope_count == 0 || scope_count > tollgate::limits::kLedgerScopesPerReservationMax) {
      return invalid("scope_count is not between 1 and 256");
    }
    AdmissionRequest request;
    request.amount = NanoUsd{amount_nano_usd};
    request.expires_mono_ns = expires_mono_ns;
    request.scopes.reserve(scope_count);
    for (uint32_t i = 0; i < scope_count; ++i) {
      if (Status status = check_bytes(scopes[i], "a scope"); !status.ok()) return status;
      request.scopes.push_back(view(scopes[i]));
    }
    return reserve(*ledger, request, now, *reservation);
  });
}

tg_status tg_ledger_settle(const tg_ledger* ledger, uint64_t reservation, int64_t cost_nano_usd,
                           tg_time now, tg_error** error) {
  return guard(error, [&]() -> Status {
    if (Status status = check_handle(ledger); !status.ok()) return status;
    return ledger->ledger.settle(reservation, NanoUsd{cost_nano_usd}, time_of(now));
  });
}

tg_status tg_ledger_void(const tg_ledger* ledger, uint64_t reservation, tg_time now,
                         tg_error** error) {
  return guard(error, [&]() -> Status {
    if (Status status = check_handle(ledger); !status.ok()) return status;
    return ledger->ledger.release(reservation, time_of(now));
  });
}

tg_status tg_ledger_balance_get(const tg_ledger* ledger, tg_bytes scope, tg_time now,
                                tg_ledger_balance* balance, tg_error** error) {
  return guard(error, [&]() -> Status {
    if (Status status = check_handle(ledger); !status.ok()) return status;
    if (Status status = check_bytes(scope, "scope"); !status.ok()) return status;
    if (balance == nullptr) return invalid("balance is NULL");
    tg_ledger_balance known = TG_LEDGER_BALANCE_INIT;
    if (Status status = tollgate::capi::read_struct(balance, known, "balance"); !status.ok()) {
      return status;
    }
    const Balance found = ledger->ledger.balance(view(scope), time_of(now));
    known.limit_nano_usd = found.limit;
    known.settled_nano_usd = found.settled;
    known.reserved_nano_usd = found.reserved;
    known.overrun_nano_usd = found.overrun;
    tollgate::capi::write_struct(known, balance);
    return Status();
  });
}

void tg_ledger_free(tg_ledger* ledger) {
  delete ledger;
}
