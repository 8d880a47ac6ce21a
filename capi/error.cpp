#include "tollgate/error.h"

#include "tollgate/text.h"

#include "capi/guard.hpp"

namespace tollgate::capi {

static_assert(static_cast<tg_status>(Code::kOk) == TG_OK);
static_assert(static_cast<tg_status>(Code::kInvalid) == TG_E_INVALID);
static_assert(static_cast<tg_status>(Code::kState) == TG_E_STATE);
static_assert(static_cast<tg_status>(Code::kNoMemory) == TG_E_NOMEM);
static_assert(static_cast<tg_status>(Code::kLimit) == TG_E_LIMIT);
static_assert(static_cast<tg_status>(Code::kAbi) == TG_E_ABI);
static_assert(static_cast<tg_status>(Code::kInternal) == TG_E_INTERNAL);

tg_status export_error(const Status& status, tg_error** error) noexcept {
  const auto code = static_cast<tg_status>(status.code());
  if (error == nullptr || status.code() == Code::kNoMemory) return code;
  try {
    *error = new tg_error{status};
  } catch (...) {
    *error = nullptr;  // The status still says what happened.
  }
  return code;
}

}  // namespace tollgate::capi

using tollgate::capi::bytes;

tg_status tg_error_status(const tg_error* error) {
  return error == nullptr ? static_cast<tg_status>(TG_OK)
                          : static_cast<tg_status>(error->status.code());
}

tg_bytes tg_error_message(const tg_error* error) {
  return error == nullptr ? tg_bytes{nullptr, 0} : bytes(error->status.message());
}

tg_bytes tg_error_path(const tg_error* error) {
  return error == nullptr ? tg_bytes{nullptr, 0} : bytes(error->status.path());
}

void tg_error_free(tg_error* error) {
  delete error;
}

tg_bytes tg_text_bytes(const tg_text* text) {
  return text == nullptr ? tg_bytes{nullptr, 0} : bytes(text->bytes);
}

void tg_text_free(tg_text* text) {
  delete text;
}

tg_error* tg_error_create(tg_status status, tg_bytes message, tg_bytes path) {
  try {
    const auto code = static_cast<tollgate::Code>(status < 0 ? status : TG_E_INVALID);
    return new tg_error{tollgate::Status(code, std::string(tollgate::capi::view(message)),
                                         std::string(tollgate::capi::view(path)))};
  } catch (...) {
    return nullptr;
  }
}
