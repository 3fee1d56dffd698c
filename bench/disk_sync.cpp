// How long the disk takes to make 4 KB durable: disk_sync DIRECTORY [COUNT]   ->   p50 p99 (microseconds)
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

int main(int count, char** words) {
  if (count < 2) return std::fputs("disk_sync DIRECTORY [COUNT]\n", stderr), 2;
  auto const path = std::string(words[1]) + "/disk-sync.tmp";
  int const file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file < 0) return std::perror(path.c_str()), 1;
  std::vector<char> const block(4096, 'x');
  std::vector<long> times(static_cast<std::size_t>(count > 2 ? std::atoi(words[2]) : 300));
  for (auto& time : times) {
    auto const begin = std::chrono::steady_clock::now();
    if (::write(file, block.data(), block.size()) < 0 || ::fdatasync(file) != 0) return std::perror("fdatasync"), 1;
    time = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin).count();
  }
  ::close(file);
  ::unlink(path.c_str());
  std::sort(times.begin(), times.end());
  std::printf("%ld %ld\n", times[times.size() / 2], times[times.size() * 99 / 100]);
}
