#pragma once

#include <cstddef>

namespace tollgate::test {

/// How often this program has asked operator new for memory, libraries included.
size_t allocation_count();

}  // namespace tollgate::test
