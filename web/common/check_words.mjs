// Tests that an application's words are whole: three languages for each, none missing in the sources, none left over, none beside the list.
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import test from 'node:test'

// Characters that only simplified writing has: none of them stands in a traditional text.
const SIMPLIFIED = '们这个来说时会对开关门间问题应该没还让从给为与专业东两严丧乐习书买乱争亏亚产亩亲亿仅仓仪众优传伤伦体佣侧侨俭债倾偿储儿兑党兰兴养兽农冲决况冻净凉减凤凭击刘则刚创删剂剑剧劝办务动励劲劳势区医华协单卖卫却厂厅历厉压厌县参双发变叙叶号叹听启员呜响团园围图圆圣场坏块坚坝坟垄壮声处备复够头夹夺奋奖妆妇妈娱孙学宁宝实审宽宾导寻将尔尘尝层属岁岂岛币帅师帐带帮并广庄庆库废庙异弃张弥弯弹强归当录彻径忆忧怀态总恋恶恼悬惊惧惨惯愤愿战户执扩扫扬抚抛抢护报拟拥拦拨择挂挤挥损换据掳掷掺握搁携摄摆摇撑敌数斋斗斩断无旧显晓晕暂术机杀杂权条杨极构枪柜标栈栋栏树样档桥检楼槛横欢欧歼残毁毕毙气汇汉汤沟沪泪泼泽洁浅浆浇测济浏浑浓涂涌涛润涨渊渐渔湾湿溃滚满滤滥滨滩灭灯灵灾炉点炼烂烟烦烧热爱爷牵犹独狭狮狱猎猪猫献环现玛珑电画畅疗疮疯痒盐监盖盗盘着矫码砖确础硕碍礼祸离秃种积称稳穷窃竞笔笼筑签简类粮紧纠红约级纪纯纲纳纵纷纸纹纺线练组细织终经结绘络绝统继绩续维绿缓编缘缩网罗罚罢职联聋肃肠肤胀胆胜脉脏脑脚脸腊舆舰艰艺节芦苍苏苹范荐荡荣药莲获营萝蓝虏虑虚虫虽蚀蚕补衬袭装见观规视览觉触计订认讨训议讯记讲许论设访证评识诉诊词译试诗诚话询详语误诱请诸诺读课谁调谅谈谋谓谢谣谱贝负财责败账货质贩贪购贮贯贱贴贵贷费贺贼资赋赌赏赔赖赚赛赞赠赢赶趋跃践踪躯车轨转轮软轰轻载较辅辆辈辉输辑辖辞边达迁过迈运进远违连迟适选逊递遗邓邮邻郑酱释里鉴针钉钓钙钟钢钥钩钱铁铃铅铜铝银铺链销锁锄锅锋错锡锦键锯镇镜长闪闭闯闲闷闸闹闻阀阁阅阔队阳阴阵阶际陆陈陕险随隐隶难雏雾静韩韵页顶项顺须顾顿预领频颗题颜额风飞饥饭饮饰饱饲饼馆馒马驰驱驻驾骂骄验骑骗骚骤鱼鲁鲜鸟鸡鸣鸭鸽鹅麦黄齐龄'
const BOTH = '复里着强并斗干系划范涂于征佣表征' // written so in traditional texts of Hong Kong too, or at least in some of their words

export function checkWords({ src, words, beside = [], passOver = text => text, families = [] }) {
  const files = fs.readdirSync(src, { recursive: true }).filter(f => /\.(js|vue)$/.test(f) && path.basename(f) !== 'words.js' && !beside.includes(path.basename(f)))
  const sources = files.map(f => [f, fs.readFileSync(path.join(src, f), 'utf8')]), all = sources.map(([, text]) => text).join('\n')

  test('every word stands in three languages, with the same blanks', () => {
    for (const [key, w] of Object.entries(words)) {
      if (key.endsWith('_')) continue
      assert.equal(w.length, 3, key)
      const blanks = w.map(x => [...new Set([...x.matchAll(/\{(\w+)\}/g)].map(m => m[1]))].sort().join())
      for (const x of w) assert.ok(x.trim().length > 0, `${key} is empty in one language`)
      assert.ok(blanks.every(b => b === blanks[0]), `${key}: the blanks differ: ${blanks.join(' | ')}`)
      assert.ok(!/[\u4e00-\u9fff]/.test(w[2]), `${key}: Chinese in English`)
      const odd = [...w[1]].filter(c => SIMPLIFIED.includes(c) && !BOTH.includes(c))
      assert.equal(odd.join(''), '', `${key}: simplified in traditional`)
    }
  })
  test('no word is missing, and none is left over', () => {
    const asked = new Set([...all.matchAll(/\bt\((?:[^()'`]*\?\s*)?'([\w-]+)'(?:\s*:\s*'([\w-]+)')?/g)].flatMap(m => [m[1], m[2]]).filter(k => k && !k.endsWith('_')))
    for (const key of asked) assert.ok(words[key], `t('${key}') is not in words.js`)
    const begun = new Set([...all.matchAll(/\bt\([^'`]*['`](\w+_)['`]? ?(?:\+|\$)/g), ...all.matchAll(/'(\w+_)' \+/g)].map(m => m[1]))
    for (const key of Object.keys(words)) {
      const family = [...begun].find(b => key.startsWith(b))
      assert.ok(asked.has(key) || all.includes(`'${key}'`) || family, `${key} is not used`)
    }
    for (const [prefix, values] of families) for (const v of values) assert.ok(words[prefix + v], `${prefix}${v} is not in words.js`)
  })
  test('nothing that people read stands outside of words.js', () => {
    for (const [f, text] of sources) {
      const said = passOver(text.replace(/^\s*\/\/.*$/gm, '').replace(/<!--[\s\S]*?-->/g, '').replace(/\s\/\/ .*$/gm, ''), f)
      assert.ok(!/[\u4e00-\u9fff]/.test(said), `${f}: ${/.*[\u4e00-\u9fff].*/.exec(said)?.[0]}`)
    }
  })
}
