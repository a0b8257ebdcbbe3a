// SPDX-License-Identifier: GPL-2.0
// rename(2) of another file to this one's name, which was its last reference: how programs replace
// a file by its new version. The old one's blocks are freed inside the call (fs/namei.c,
// vfs_rename() drops the target's dentry). As to pinned pages, see unlink.cpp.
#include <fcntl.h>

#include <cstdio>

#include "workloads/breaker/breaker.h"
#include "workloads/breaker/call.h"

namespace daxbreak {
namespace {

const BreakerRegistry::Add registered{{
    .name = "rename-over",
    .help = "rename(2) of another file over the file's name, its last reference",
    .last_reference = true,
    .partner = Partner::other,
    .arm =
        [](BreakTarget& target) {
          give_up(target.fd);
          return 0;
        },
    .run =
        [](BreakTarget& target) {
          return outcome(::renameat(target.directory, target.partner_name.c_str(), target.directory,
                                    target.name.c_str()));
        },
    .recipe = {.arm = "close(fd);\n", .call = "rename(partner_path, path)"},
}};

}  // namespace
}  // namespace daxbreak
