#include "media/lockdown.hpp"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <initializer_list>
#include <memory>

namespace courant::media {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

Error failed(std::string_view what) { return broken(std::string(what) + ": " + std::strerror(errno)); }

Done limit(__rlimit_resource resource, std::int64_t soft, std::int64_t hard) {
  rlimit const limit{static_cast<rlim_t>(soft), static_cast<rlim_t>(hard)};
  if (::setrlimit(resource, &limit) != 0) return failed("setrlimit");
  return {};
}

using Filter = std::unique_ptr<void, decltype(&seccomp_release)>;

/// libseccomp reports errors as negative numbers; the first one stays.
class Rules {
 public:
  explicit Rules(scmp_filter_ctx filter) : filter_(filter) {}

  void add(std::uint32_t action, int call, std::initializer_list<scmp_arg_cmp> conditions = {}) {
    if (error_ == 0)
      error_ =
          ::seccomp_rule_add_array(filter_, action, call, static_cast<unsigned>(conditions.size()), conditions.begin());
  }
  void allow(std::initializer_list<int> calls) {
    for (int const call : calls) add(SCMP_ACT_ALLOW, call);
  }
  void refuse(std::uint16_t with, std::initializer_list<int> calls) {
    for (int const call : calls) add(SCMP_ACT_ERRNO(with), call);
  }
  [[nodiscard]] int error() const { return error_; }

 private:
  scmp_filter_ctx filter_;
  int error_ = 0;
};

void allow_descriptors_we_hold(Rules& rules) {
  rules.allow({SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(writev), SCMP_SYS(pread64), SCMP_SYS(pwrite64),
               SCMP_SYS(lseek), SCMP_SYS(close), SCMP_SYS(poll), SCMP_SYS(recvmsg), SCMP_SYS(sendmsg)});
}

void allow_memory_that_is_no_code(Rules& rules) {
  rules.allow({SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise)});
  rules.add(SCMP_ACT_ALLOW, SCMP_SYS(mmap), {SCMP_A2_64(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)});
  rules.add(SCMP_ACT_ALLOW, SCMP_SYS(mprotect), {SCMP_A2_64(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)});
}

void allow_threads_but_no_processes(Rules& rules) {
  rules.add(SCMP_ACT_ALLOW, SCMP_SYS(clone), {SCMP_A0_64(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD)});
  rules.refuse(ENOSYS, {SCMP_SYS(clone3)});  // its flags lie in memory where no filter sees them; libc falls back
  rules.add(SCMP_ACT_ALLOW, SCMP_SYS(prctl), {SCMP_A0_64(SCMP_CMP_EQ, PR_SET_NAME)});
  rules.allow({SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(gettid), SCMP_SYS(getpid),
               SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity),
               SCMP_SYS(sched_getattr), SCMP_SYS(sched_getparam), SCMP_SYS(sched_getscheduler), SCMP_SYS(membarrier),
               SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack)});
}

void allow_clocks_and_chance(Rules& rules) {
  rules.allow({SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(gettimeofday), SCMP_SYS(nanosleep),
               SCMP_SYS(clock_nanosleep), SCMP_SYS(getrandom), SCMP_SYS(restart_syscall), SCMP_SYS(sysinfo),
               SCMP_SYS(uname), SCMP_SYS(getrusage)});
  // Reading a limit, of ourselves; setting one is not.
  rules.add(SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), {SCMP_A0_64(SCMP_CMP_EQ, 0), SCMP_A2_64(SCMP_CMP_EQ, 0)});
}

/// Libraries try these harmlessly (number of processors, time zone, is this a terminal); they hear "no" and go on.
void refuse_the_file_system(Rules& rules) {
  rules.refuse(
      EACCES, {SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(stat), SCMP_SYS(fstat), SCMP_SYS(lstat), SCMP_SYS(newfstatat),
               SCMP_SYS(statx), SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink),
               SCMP_SYS(readlinkat), SCMP_SYS(getcwd), SCMP_SYS(unlink), SCMP_SYS(unlinkat)});
  rules.refuse(ENOTTY, {SCMP_SYS(ioctl)});
  rules.refuse(EPERM, {SCMP_SYS(sched_setattr), SCMP_SYS(sched_setscheduler), SCMP_SYS(sched_setaffinity),
                       SCMP_SYS(setpriority)});
}

}  // namespace

Done become_nobody() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return failed("no_new_privs");
  if (::chdir("/") != 0) return failed("chdir");
  ::umask(077);
  constexpr uid_t kNobody = 65534;
  if (::geteuid() == 0 && ::setgroups(0, nullptr) == 0 && ::setresgid(kNobody, kNobody, kNobody) == 0 &&
      ::setresuid(kNobody, kNobody, kNobody) != 0)
    return failed("setresuid");  // a root without the right to change (in some containers) goes on: the rest holds
  // After the change of user, which resets both.
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return failed("dumpable");
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return failed("pdeathsig");
  return {};
}

Done limit_resources(std::int64_t memory_bytes, std::int64_t cpu_seconds, std::int64_t file_bytes) {
  if (!kSanitized) TRY(limit(RLIMIT_AS, memory_bytes, memory_bytes));
  TRY(limit(RLIMIT_CPU, cpu_seconds, cpu_seconds));
  TRY(limit(RLIMIT_FSIZE, file_bytes, file_bytes));
  TRY(limit(RLIMIT_CORE, 0, 0));
  return limit(RLIMIT_NOFILE, 32, 32);  // libraries and their data while loading; afterwards three are open
}

Done lock_down() {
  Filter const filter(::seccomp_init(SCMP_ACT_KILL_PROCESS), &seccomp_release);
  if (!filter) return broken("seccomp_init");
  if (::seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1) != 0)
    return broken("seccomp cannot reach all threads");
  Rules rules(filter.get());
  allow_descriptors_we_hold(rules);
  allow_memory_that_is_no_code(rules);
  allow_threads_but_no_processes(rules);
  allow_clocks_and_chance(rules);
  refuse_the_file_system(rules);
  if (rules.error() != 0) return broken(std::string("seccomp rule: ") + std::strerror(-rules.error()));
  if (int const error = ::seccomp_load(filter.get()); error != 0)
    return broken(std::string("seccomp_load: ") + std::strerror(-error));
  return {};
}

}  // namespace courant::media
