#include "model/principal.hpp"

namespace tollgate::model {

std::string Principal::subject() const {
  switch (kind) {
    case PrincipalKind::kUser:
      return "user:" + name;
    case PrincipalKind::kVirtualAccount:
      return "virtualaccount:" + name;
    case PrincipalKind::kAnonymous:
      break;
  }
  return "anonymous";
}

}  // namespace tollgate::model
