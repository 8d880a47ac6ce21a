/** The whole public C interface of the core. Drivers have headers of their own (curl.h). */
#ifndef TOLLGATE_TOLLGATE_H
#define TOLLGATE_TOLLGATE_H

#include "tollgate/abi.h"         // IWYU pragma: export
#include "tollgate/action.h"      // IWYU pragma: export
#include "tollgate/background.h"  // IWYU pragma: export
#include "tollgate/config.h"      // IWYU pragma: export
#include "tollgate/error.h"       // IWYU pragma: export
#include "tollgate/exchange.h"    // IWYU pragma: export
#include "tollgate/gateway.h"     // IWYU pragma: export
#include "tollgate/ledger.h"      // IWYU pragma: export
#include "tollgate/policy.h"      // IWYU pragma: export
#include "tollgate/text.h"        // IWYU pragma: export
#include "tollgate/token.h"       // IWYU pragma: export
#include "tollgate/waker.h"       // IWYU pragma: export

#endif
