#pragma once

#include <sqlite3.h>

namespace tollgate::sqlite_driver {

/// The layout this version writes. A newer file is refused, an older one brought up to date.
inline constexpr int kSchemaVersion = 2;

/// Makes or migrates the tables. Throws Failure; SQLITE_NOTADB when the file belongs to something
/// else or to a newer version, with a text for people.
void prepare_schema(sqlite3* database);

}  // namespace tollgate::sqlite_driver
