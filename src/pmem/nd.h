// SPDX-License-Identifier: GPL-2.0
/// libndctl's objects, shared by listing and configuring. Private to this folder.
#pragma once

#include <linux/ndctl.h>
#include <ndctl/libndctl.h>

#include <memory>
#include <string>

#include "base/result.h"
#include "pmem/namespaces.h"

namespace daxbreak {

struct NdContextDelete {
  void operator()(ndctl_ctx* context) const { ndctl_unref(context); }
};
/// Owns everything libndctl hands out: pointers from it die with it.
using NdContext = std::unique_ptr<ndctl_ctx, NdContextDelete>;

/// A context that has read the machine's buses from sysfs. It keeps quiet: errors are values here.
[[nodiscard]] Result<NdContext> open_nd();

/// Calls `visit(ndctl_region*)` for every persistent memory region until it returns true.
template <class Visit>
void for_each_region(ndctl_ctx* context, Visit visit) {
  for (ndctl_bus* bus = ndctl_bus_get_first(context); bus != nullptr; bus = ndctl_bus_get_next(bus))
    for (ndctl_region* region = ndctl_region_get_first(bus); region != nullptr;
         region = ndctl_region_get_next(region))
      if (ndctl_region_get_type(region) == ND_DEVICE_REGION_PMEM && visit(region)) return;
}

/// What is known of one namespace, holder and content included.
[[nodiscard]] Namespace describe_namespace(ndctl_namespace* space);

}  // namespace daxbreak
