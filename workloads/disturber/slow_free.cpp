// SPDX-License-Identifier: GPL-2.0
// The driver's page_free() returns late (a probe on its return dawdles): what the kernel still does
// to the page then (mm/memremap.c, free_zone_device_page()) meets whoever was handed it meanwhile.
#include "workloads/disturber/disturber.h"

namespace daxbreak {
namespace {

const DisturberRegistry::Add registered{
    {.name = "slow-free",
     .help = "device memory: the driver returns late from being given a page back",
     .needs_mapping = false,
     .device_memory = true}};

}  // namespace
}  // namespace daxbreak
