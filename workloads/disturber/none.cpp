// SPDX-License-Identifier: GPL-2.0
// Nothing else happens: the breaker waits for the pin alone.
#include "workloads/disturber/disturber.h"

namespace daxbreak {
namespace {

const DisturberRegistry::Add registered{
    {.name = "none", .help = "nothing else happens", .needs_mapping = false, .device_dax = true}};

}  // namespace
}  // namespace daxbreak
