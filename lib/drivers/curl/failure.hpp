#pragma once

#include <string_view>

#include <curl/curl.h>

#include "tollgate/action.h"

namespace tollgate::curl_driver {

/// How an attempt ended, in the words of the C ABI. The detail is a constant text without any part
/// of the URL, so that no secret can reach a record through it.
struct Outcome {
  bool failed = false;
  tg_failure failure = TG_FAILURE_OTHER;
  std::string_view detail;

  static Outcome ended() { return {}; }
  static Outcome failure_of(tg_failure failure, std::string_view detail) {
    return {true, failure, detail};
  }
};

/// Translates libcurl's verdict on a transfer. CURLE_OK is Outcome::ended().
Outcome outcome_of(CURLcode code);

}  // namespace tollgate::curl_driver
