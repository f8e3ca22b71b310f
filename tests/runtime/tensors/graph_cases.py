"""Expressions that are evaluated while a `tf.function` is traced; `x` is a scalar, `y` has two."""

CASES = """
str(x)
repr(x)
repr(x+1.)
repr(tf.add(x,1.))
bool(x>1)
float(x)
int(x)
list(y)
len(y)
x.numpy()
np.add(x,1)
np.array(x)
y+[1.,2.,3.]
x+c(1)
tf.multiply(x,c(1))
c(1)+1.5
tf.matmul(y,y)
tf.matmul([[1.,2.]],[[1.,2.]])
hash(x)
x.foo
x.name
x.op.type
x.device
f"{x}"
f"{x:.2f}"
range(x)
'%f'%x
tf.exp(c(1))
tf.reshape(y,[3])
tf.concat([y,[1]],0)
tf.stack([y,[1.]])
tf.reduce_sum(y,3)
y[5]
y[0,0]
type(x).__name__
tf.convert_to_tensor(x,tf.int32)
tf.constant(x)
tf.constant(1.5,tf.int32)
c(True,tf.int32)
c([True,False],tf.float32)
c([1,True])
c([True,1],tf.float32)
c([True,1],tf.uint8)
c([1.5,True])
c(np.bool_(True),tf.float32)
c(np.array([True]),tf.float32)
c(np.array([1.5]),tf.bool)
c(np.array([1j]),tf.float32)
c(np.array([1,2]),tf.string)
c(np.array([1,2.5],object),tf.int32)
c([np.int64(1),2])
c([1,np.float64(2)])
c([np.float64(1),2])
c([np.int64(1),np.int64(2)])
c(list(np.arange(3)))
c([np.arange(2),np.arange(2)])
c([[1,2],np.arange(2)])
c([np.uint8(3)])
c(1e40)
c(300,tf.uint8)
c(None)
c('a',tf.float32)
c([1,'a'],tf.int32)
c(1.5,tf.int32)
c([1.5],tf.int32)
c({1:2},tf.int32)
tf.nn.relu(c(True))
x.shape
y.shape
x==None
{x:1}
1 if x else 2
[1,2][x]
tf.reduce_sum(c(True))
x.graph is not None
isinstance(x,tf.Tensor)
x.ref()==x.ref()
"""


def expressions() -> list[str]:
    return [line for line in CASES.splitlines() if line]
