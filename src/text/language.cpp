#include "text/language.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "text/utf8.hpp"

namespace courant::text {
namespace {

// Frequent characters of which only one of the two scripts has this form; news text holds several in each sentence.
constexpr std::u32string_view kOnlySimplified =
    U"们这国个来时说对为会过学发现经动还进样问业长东车马门见书话语读设许论证识该谈谁让记计订认议设访评词试诚误请诸课调"
    U"财责败货质贩贪购贫贯贵费资赏赔"
    U"赖赛赞趋跃轨转轮软轻载较辆辈输边达迁运远连迟选遗邓邮郑释鉴针钟钢钱铁铜银铺链锁错镇长闭闻间阅队阳阴阵阶际陆陈险随"
    U"隐难电云电响项顺须顾顿预领频题颜额风飞饭"
    U"饮馆驱验骑鱼鲜鸟鸡麦黄齐龙战戏户扩扫报护担拥择择损换据掷摄摆敌数断无旧显晓权条极构标样树桥检楼欢欧毕气汇汉沟没泽"
    U"洁济浅测浓涛润涨渐满灭灯灵热爱状独狱环"
    U"产画疗疯监盖盘着矿码确础礼种积称稳穷窃竞笔筑签简类紧纠红纪约级纯纲纳纵纷纸线练组细织终绍经结绕给络绝统绩绪续维绿"
    U"缓编缘缩网罗罢义习职联肃肠胁胜脑脸艺节苏药"
    U"获营萨蓝虑虽补装观规视览觉触誉计讨训讯乐乔买争亏亚产亲亿仅从仓仪价众优伙伟传伤伦体侧侨债偿储儿党兰关兴养兽内冈册"
    U"写军农冲决况冻净准减凤凭击创划刘则刚删别刹剂剑剧"
    U"劝办务劳势勋区医华协单卖卢卫却厂厅历厉压厌厕县叁参双变叙叶号叹吗听启员呜咏响哑哗唤啸园围图圆圣场坏块坚坛坝坟坠垄"
    U"垒垦执执扩";
constexpr std::u32string_view kOnlyTraditional =
    U"們這國個來時說對為會過學發現經動還進樣問業長東車馬門見書話語讀設許論證識該談誰讓記計訂認議訪評詞試誠誤請諸課調財"
    U"責敗貨質販貪購貧貫貴費資賞賠"
    U"賴賽讚趨躍軌轉輪軟輕載較輛輩輸邊達遷運遠連遲選遺鄧郵鄭釋鑒針鐘鋼錢鐵銅銀鋪鏈鎖錯鎮閉聞間閱隊陽陰陣階際陸陳險隨隱"
    U"難電雲響項順須顧頓預領頻題顏額風飛飯"
    U"飲館驅驗騎魚鮮鳥雞麥黃齊龍戰戲戶擴掃報護擔擁擇損換據擲攝擺敵數斷無舊顯曉權條極構標樹橋檢樓歡歐畢氣匯漢溝沒澤潔濟"
    U"淺測濃濤潤漲漸滿滅燈靈熱愛狀獨獄環"
    U"產畫療瘋監蓋盤礦碼確礎禮種積稱穩窮竊競筆築簽簡類緊糾紅紀約級純綱納縱紛紙線練組細織終紹結繞給絡絕統績緒續維綠緩編"
    U"緣縮網羅罷義習職聯肅腸脅勝腦臉藝節蘇藥"
    U"獲營薩藍慮雖補裝觀規視覽覺觸譽討訓訊樂喬買爭虧亞親億僅從倉儀價眾優夥偉傳傷倫體側僑債償儲兒黨蘭關興養獸內岡冊寫軍"
    U"農衝決況凍淨準減鳳憑擊創劃劉則剛刪別剎劑劍劇"
    U"勸辦務勞勢勳區醫華協單賣盧衛卻廠廳歷厲壓厭廁縣參雙變敘葉號嘆嗎聽啟員嗚詠啞嘩喚嘯園圍圖圓聖場壞塊堅壇壩墳墜壟壘墾"
    U"執";

/// The characters of `of` that `other` does not hold, sorted: a slip in a list above then cannot count for both.
std::u32string only(std::u32string_view of, std::u32string_view other) {
  std::u32string result(of);
  std::erase_if(result, [&](char32_t c) { return other.find(c) != std::u32string_view::npos; });
  std::sort(result.begin(), result.end());
  return result;
}

bool in(std::u32string const& sorted, char32_t c) { return std::binary_search(sorted.begin(), sorted.end(), c); }

struct Counts {
  std::size_t han = 0, kana = 0, hangul = 0, latin = 0, other = 0, simplified = 0, traditional = 0, english = 0,
              words = 0;
};

constexpr std::array<std::string_view, 32> kEnglish = {"the",   "and",   "of",   "to",   "in",   "is",  "that", "for",
                                                       "it",    "was",   "on",   "are",  "with", "as",  "by",   "be",
                                                       "at",    "from",  "this", "have", "has",  "not", "but",  "said",
                                                       "which", "their", "they", "will", "an",   "he",  "we",   "you"};

void count_word(std::string const& word, Counts& counts) {
  if (word.empty()) return;
  ++counts.words;
  counts.english += std::find(kEnglish.begin(), kEnglish.end(), word) != kEnglish.end();
}

Counts count(std::string_view plain) {
  static std::u32string const simplified = only(kOnlySimplified, kOnlyTraditional);
  static std::u32string const traditional = only(kOnlyTraditional, kOnlySimplified);
  plain = first_characters(plain, 4000);
  Counts counts;
  std::string word;
  for (std::size_t at = 0; at < plain.size();) {
    Decoded const decoded = decode(plain, at);
    at += decoded.bytes;
    char32_t const c = decoded.character;
    char32_t const small = c | 0x20;
    if (c < 0x80 && small >= 'a' && small <= 'z') {
      ++counts.latin;
      word += static_cast<char>(small);
      continue;
    }
    count_word(word, counts);
    word.clear();
    if (is_han(c)) {
      ++counts.han;
      counts.simplified += in(simplified, c);
      counts.traditional += in(traditional, c);
    } else if (is_kana(c)) {
      ++counts.kana;
    } else if (is_hangul(c)) {
      ++counts.hangul;
    } else if (c >= 0xC0 && !is_white_space(c) && !(c >= 0x2000 && c <= 0x206F) && !(c >= 0x3000 && c <= 0x303F) &&
               !(c >= 0xFF00 && c <= 0xFF65)) {
      ++counts.other;
    }
  }
  count_word(word, counts);
  return counts;
}

}  // namespace

std::string_view guess_language(std::string_view plain) {
  Counts const n = count(plain);
  // Latin words in an East Asian text are names and terms: about five letters weigh as much as one ideograph.
  std::size_t const east = n.han + n.kana + n.hangul;
  if (east > 0 && east * 5 >= n.latin + n.other) {
    if (n.hangul * 2 > east) return "ko";
    if (n.kana * 10 > east) return "ja";
    return n.traditional > n.simplified ? "zh-Hant" : "zh-Hans";
  }
  bool const english = n.english * 12 >= n.words && n.english > 0;
  if (n.latin > 0 && n.other * 10 <= n.latin && english) return "en";
  return "und";
}

}  // namespace courant::text
