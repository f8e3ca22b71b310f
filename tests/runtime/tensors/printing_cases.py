"""Arguments of `tf.print`."""

CASES = [
    "c(1.)", "c(1)", "c([1.,2.5])", "c(True)", "c([True,False])", "'a',1,2.5,None",
    "{'a':c(1.)},[c(1),2],(c(1),)", "tf.range(10)", "tf.range(10),summarize=-1",
    "tf.range(10),summarize=2", "c('abc')", "c(['a','b'])", "tf.reshape(tf.range(12),[3,4])",
    "tf.reshape(tf.range(64),[8,8])", "tf.reshape(tf.range(8),[2,2,2])",
    "c([0.1,1/3,1e-10,1e10,123456789.,float('nan'),float('inf'),-float('inf'),-0.0]),summarize=-1",
    "c([100000.,1000000.,1e7,0.0001,0.00001,99999.99,123456.7]),summarize=-1",
    "c([0.1,1/3,1e-10,1e10,123456789.],tf.float64),summarize=-1",
    "c([0.1,1/3,1000.5],tf.float16),summarize=-1", "c(16777216.)", "1/3", "tf.zeros([0])",
    "tf.zeros([2,0])", "tf.zeros([0,2])", "c(1.),c(2.),sep=',',end='!'", "tf.float32",
    "[c([1.,2.]),'x']", "{'b':1,'a':c(2.)}", "'x: {}',c(1)", "c([3],tf.int8)",
    "'loss',c(0.5),'acc:',c([0.25,0.75])", "np.array([1.,2.])", "np.float32(0.1)", "[1,2,3]",
    "[c('a')]", "'a',c('s')", "{'k':[c(1),(c(2.),'s')]}", "c([[1.5,2.25],[3.125,4.0]])",
    "c(2**31-1)", "c(2**40)", "c(3.4e38)", "tf.reduce_sum(c([1.,2.]))", "'Epoch',3,'loss:',c(1.25)",
]  # fmt: skip
