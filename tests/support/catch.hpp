#pragma once

// Catch2 2.13 and 3 both build: the one place that knows where their headers are.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
