#include "providers/form_call.hpp"

#include <utility>

#include "wire/url.hpp"

namespace tollgate::providers {

Result<AuxiliaryCall> form_call(std::string url) {
  AuxiliaryCall call;
  call.request.url = std::move(url);
  for (const auto& [name, value] :
       {std::pair("content-type", "application/x-www-form-urlencoded"),
        std::pair("accept", "application/json"), std::pair("accept-encoding", "identity")}) {
    if (Status status = call.request.headers.add(name, value); !status.ok()) return status;
  }
  return call;
}

void append_field(std::string& form, std::string_view name, std::string_view value) {
  if (!form.empty()) form += '&';
  form.append(name).append("=");
  wire::append_percent_encoded(form, value);
}

}  // namespace tollgate::providers
