// SPDX-License-Identifier: GPL-2.0
/// When a namespace is not reconfigured.
#pragma once

#include <string>

#include "pmem/namespaces.h"

namespace daxbreak {

/// Why the namespace as it stands must not be reconfigured so, in one sentence with the cure; "" if
/// it may be. Pure. In use (mounted, claimed): refused even with `force`, because the kernel would
/// refuse to let go of it, or the user would lose pages under their feet. With content, or with
/// content that cannot be seen (device-dax, disabled): refused without `force`.
[[nodiscard]] std::string reconfigure_refusal(const Namespace& space,
                                              const NamespaceRequest& request);

}  // namespace daxbreak
