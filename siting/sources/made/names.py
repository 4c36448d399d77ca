"""Made names: plausible Chinese place names with their pinyin, each given once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

_FIRST = (
    "云yun 望wang 澄cheng 石shi 青qing 梅mei 松song 鹤he 白bai "
    "沙sha 柳liu 桐tong 兰lan 竹zhu 枫feng 芦lu 鹭lu 月yue "
    "霞xia 东dong 南nan 西xi 北bei 上shang 下xia 长chang 新xin "
    "古gu 永yong 安an 丰feng 金jin 银yin 双shuang 平ping 大da "
    "荷he 菱ling 棠tang 杏xing 桑sang 潮chao 汐xi "
    "龙long 马ma 燕yan 雁yan 凤feng 清qing 静jing 横heng"
)
_SECOND = (
    "溪xi 塘tang 桥qiao 浦pu 泾jing 埠bu 湾wan 渡du 墩dun "
    "圩wei 港gang 泽ze 洲zhou 岭ling 坞wu 浜bang 荡dang 堰yan 埭dai "
    "林lin 丘qiu 田tian 岸an 渚zhu 潭tan 汇hui 川chuan 屿yu 亭ting 陂bei"
)
_FAMILY = (
    "沈shen 陆lu 顾gu 钱qian 周zhou 吴wu 郑zheng 王wang 冯feng "
    "陈chen 褚chu 蒋jiang 韩han 杨yang 朱zhu 秦qin 许xu 何he "
    "吕lyu 张zhang 孔kong 曹cao 严yan 华hua 魏wei 陶tao 姜jiang "
    "戚qi 谢xie 邹zou 章zhang 苏su 潘pan 葛ge 范fan 彭peng"
)
_YARD = "浜bang 桥qiao 埭dai 宅zhai 湾wan 渡du 堰yan 塘tang 角jiao 门men"
_STREET = (
    "人民renmin 解放jiefang 中山zhongshan 建设jianshe 文化wenhua "
    "劳动laodong 新华xinhua 和平heping 胜利shengli 团结tuanjie "
    "东风dongfeng 前进qianjin 光明guangming 学府xuefu 体育tiyu "
    "文昌wenchang 迎宾yingbin 育才yucai 振兴zhenxing 创业chuangye "
    "科技keji 海棠haitang 紫薇ziwei 银杏yinxing 玉兰yulan "
    "香樟xiangzhang 丹桂dangui 景观jingguan 世纪shiji 开元kaiyuan"
)
_LANE = (
    "井jing 磨坊mofang 米市mishi 鱼市yushi 铁匠tiejiang "
    "染坊ranfang 书院shuyuan 祠堂citang 城隍chenghuang 盐仓yancang "
    "竹器zhuqi 船埠chuanbu"
)
# Pairs that name a well-known county or district; the made county must not be taken for one.
_REAL = (
    "青浦 龙湾 龙港 平潭 长洲 新洲 古田 青田 大田 兰溪 松溪 "
    "上林 新田 平川 银川 永川 石林 金川 龙川 北川 东港 西林 平塘 "
    "龙泽 清溪 安溪 龙潭 凤岭 东湾 新浦 清浦 安岳 安丘 平陂 金塘 金湾 双桥 龙亭 荷塘 长岭"
)


@dataclass(frozen=True, slots=True)
class Name:
    """One name in Chinese characters and in pinyin."""

    zh: str
    en: str

    def plus(self, zh: str, en: str) -> Name:
        """Name with a common noun behind it, such as 镇 Town."""
        return Name(self.zh + zh, f"{self.en} {en}")


def _pair(token: str) -> tuple[str, str]:
    zh = "".join(character for character in token if not character.isascii())
    return zh, token[len(zh) :]


def _combinations(first: str, second: str, middle: tuple[str, str]) -> list[Name]:
    names = {}
    for one in map(_pair, first.split()):
        for two in map(_pair, second.split()):
            if one[0] != two[0] and one[0] + two[0] not in _REAL.split():
                name = Name(one[0] + middle[0] + two[0], (one[1] + middle[1] + two[1]).capitalize())
                names[name.zh] = name
    return list(names.values())


class Namer:
    """Gives each name once; the order comes from the random numbers."""

    def __init__(self, rng: np.random.Generator) -> None:
        def shuffled(names: list[Name]) -> list[Name]:
            return [names[index] for index in rng.permutation(len(names))]

        self._places = shuffled(_combinations(_FIRST, _SECOND, ("", "")))
        self._villages = shuffled(_combinations(_FAMILY, _YARD, ("家", "jia")))
        self._streets = shuffled([Name(*_pair(token)) for token in _STREET.split()])
        self._lanes = shuffled([Name(*_pair(token)) for token in _LANE.split()])
        self._english: set[str] = set()

    def place(self) -> Name:
        """Two-character name for a town, a community or a water."""
        while True:
            name = self._places.pop()
            if name.en not in self._english:
                self._english.add(name.en)
                return name

    def village(self) -> Name:
        """Name such as 沈家浜."""
        return self._villages.pop() if self._villages else self.place()

    def street(self) -> Name:
        """Name such as 人民路."""
        if not self._streets:
            return self.place().plus("路", "Road")
        name = self._streets.pop()
        return Name(name.zh + "路", name.en.capitalize() + " Road")

    def lane(self) -> Name:
        """Name such as 米市巷."""
        if not self._lanes:
            return self.place().plus("巷", "Lane")
        name = self._lanes.pop()
        return Name(name.zh + "巷", name.en.capitalize() + " Lane")
