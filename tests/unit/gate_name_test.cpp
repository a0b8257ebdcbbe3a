// SPDX-License-Identifier: GPL-2.0
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gate/gate.h"
#include "gate/name.h"

namespace daxbreak {
namespace {

TEST(GateName, TellsItsCreator) {
  const std::string name = new_gate_name();
  EXPECT_EQ(gate_creator(name), ::getpid());
  EXPECT_NE(name, new_gate_name());
}

TEST(GateName, OtherNamesHaveNone) {
  for (const char* name : {"", "daxbreak", "daxbreak-", "daxbreak-12", "daxbreak-12-", "vg-lv",
                           "daxbreak-x-1", "daxbreak-12-1x", "xdaxbreak-12-1"})
    EXPECT_FALSE(gate_creator(name)) << name;
  EXPECT_EQ(gate_creator("daxbreak-12-1"), 12);
}

constexpr const char* calm = "Name:\tx\nSigPnd:\t0000000000000000\nShdPnd:\t0000000000004000\n";

TEST(GateName, StateTellsTheDying) {
  EXPECT_FALSE(is_dying("7 (a) b) S 1 7 7 0 -1 4194560 374 0 0 0 0 0 0 0 20 0 1 0 5021", calm));
  EXPECT_FALSE(is_dying("7 (x) D 1 7 7 0 -1 4194560 374 0 0 0 0 0 0 0 20 0 1 0 5021", calm));
  EXPECT_TRUE(is_dying("7 (x) Z 1 7 7 0 -1 4194560 374 0 0 0 0 0 0 0 20 0 1 0 5021", calm));
  EXPECT_TRUE(is_dying("7 (a) Z) X 1 7 7 0 -1 4194560 374 0 0 0 0 0 0 0 20 0 1 0 5021", calm));
  EXPECT_TRUE(is_dying("7 (x) D 1 7 7 0 -1 4194564 374 0 0 0 0 0 0 0 20 0 1 0 5021", calm))
      << "PF_EXITING";
}

TEST(GateName, APendingKillTellsTheDying) {
  EXPECT_TRUE(is_dying("7 (x) D 1 7 7 0 -1 4194560 374 0 0 0 0 0 0 0 20 0 1 0 5021",
                       "SigPnd:\t0000000000000100\nShdPnd:\t0000000000000000\n"));
  EXPECT_TRUE(is_dying("7 (x) D 1 7 7 0 -1 4194560 374 0 0 0 0 0 0 0 20 0 1 0 5021",
                       "SigPnd:\t0000000000000000\nShdPnd:\t0000000000000100\n"));
}

TEST(GateName, ProcessesComeAndGo) {
  EXPECT_FALSE(process_gone(::getpid()));
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  siginfo_t ended{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT), 0);
  EXPECT_TRUE(process_gone(child)) << "a zombie";
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(process_gone(child)) << "reaped";
}

TEST(Gates, AreRegistered) {
  ASSERT_NE(GateRegistry::find("dm"), nullptr);
  EXPECT_FALSE(GateRegistry::find("dm")->timed);
  ASSERT_NE(GateRegistry::find("null-blk"), nullptr);
  EXPECT_TRUE(GateRegistry::find("null-blk")->timed);
  EXPECT_FALSE(GateRegistry::find("null-blk")->make({})) << "without a completion time";
}

}  // namespace
}  // namespace daxbreak
