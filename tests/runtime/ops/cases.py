"""The expressions of the table; how they are written is told in `table.py`."""

ELEMENTWISE = """
f(3)+f(3) | gradient
f(2,3)+f(3) | gradient
f(2,1)-f(1,3) | gradient
f(3)*f(2,3) | gradient
f(2,3)/p(3) | gradient
f()*f(2,2) | gradient
f(3)//p(3) | gradient
f(3)%p(3) | gradient
p(3)**f(3) | gradient
f(3)**2 | gradient
f(3)**2.0 | gradient
2.0**f(3) | gradient
-f(3) | gradient
abs(f(3)) | gradient
1.0/p(3) | gradient
2-f(3) | gradient
3*f(3)+1 | gradient
i(4)+i(4)
i(4)-3
i(4)*i(4)
i(4)/2
i(4)//3
i(4)%3
c([7,-7])//c([-2,2])
c([7,-7])%c([-2,2])
c(7,tf.int64)/c(2,tf.int64)
c(7,tf.int16)/c(2,tf.int16)
c(7,tf.uint8)/c(2,tf.uint8)
c([2,3])**c([3,2])
~i(4)
~b(4)
b(4)&b(4)
b(4)|b(4)
b(4)^b(4)
i(4)&6
i(4)|1
i(4)^3
f(3)<f(3)
f(3)<=0.5
f(3)>c([0.,1.,2.])
0.5>=f(3)
i(3)==i(3)
i(3)!=2
f(3)==f(3)
f(2)==f(3)
f(2)!=f(3)
f(3)==None
f(3)!=None
c('a')==c('a')
c(['a','b'])=='a'
c(['a'])+'b'
tf.add(f(3),f(3)) | gradient
tf.add(f(3),2)
tf.subtract(f(3),p(3)) | gradient
tf.multiply(f(3),f(3)) | gradient
tf.multiply(2,f(3)) | gradient
tf.divide(f(3),p(3)) | gradient
tf.divide(1,2)
tf.truediv(f(3),p(3)) | gradient
tf.math.floordiv(f(3),2)
tf.math.floormod(f(3),2.0)
tf.math.mod(c(-7.),3.)
tf.truncatemod(c(-7),3)
tf.pow(p(3),f(3)) | gradient
tf.pow(c([0.,1.,2.]),c([2.,0.,0.5]))
tf.pow(p(3)*0,f(3)*0+2) | gradient
tf.maximum(f(4),f(4)) | gradient
tf.minimum(f(4),f(4)) | gradient
tf.maximum(f(3)*0,0.) | gradient
tf.minimum(f(3)*0,0.) | gradient
tf.maximum(f(2,1),f(3)) | gradient
tf.math.squared_difference(f(3),f(2,3)) | gradient
tf.math.atan2(f(3),p(3)) | gradient
tf.math.divide_no_nan(f(3),c([1.,0.,2.])) | gradient
tf.math.divide_no_nan(f(3),f(3)*0) | gradient
tf.math.divide_no_nan(c(1),0)
tf.math.multiply_no_nan(f(3),c([1.,0.,2.])) | gradient
tf.math.multiply_no_nan(c([float('nan'),1.]),c([0.,1.]))
tf.math.xlogy(f(3),p(3)) | gradient
tf.math.xlogy(c([0.,1.]),c([0.,2.]))
tf.math.xdivy(f(3),p(3)) | gradient
tf.math.xlog1py(f(3),p(3)) | gradient
tf.negative(f(3)) | gradient
tf.abs(f(3)) | gradient
tf.abs(f(3)*0) | gradient
tf.exp(f(3)) | gradient
tf.math.expm1(f(3)) | gradient
tf.math.log(p(3)) | gradient
tf.math.log(c([0.,-1.,1.]))
tf.math.log1p(p(3)) | gradient
tf.sqrt(p(3)) | gradient
tf.sqrt(f(2)*0) | gradient
tf.sqrt(c([-1.,4.]))
tf.math.rsqrt(p(3)) | gradient
tf.square(f(3)) | gradient
tf.square(i(3))
tf.math.reciprocal(p(3)) | gradient
tf.sin(f(3)) | gradient
tf.cos(f(3)) | gradient
tf.tan(u(3)) | gradient
tf.asin(u(3)) | gradient
tf.acos(u(3)) | gradient
tf.atan(f(3)) | gradient
tf.sinh(f(3)) | gradient
tf.cosh(f(3)) | gradient
tf.tanh(f(3)) | gradient
tf.asinh(f(3)) | gradient
tf.acosh(1+p(3)) | gradient
tf.atanh(u(3)) | gradient
tf.math.erf(f(4)) | gradient
tf.math.erfc(f(4)) | gradient
tf.math.erfinv(u(4)) | gradient
tf.math.lgamma(p(4)) | gradient
tf.math.lgamma(c([0.5,0.,-1.,-1.5,30.]))
tf.math.digamma(p(4)) | gradient
tf.math.digamma(c([0.5,0.,-1.,-.5,30.]))
tf.sign(f(3)) | gradient
tf.sign(i(3))
tf.floor(f(3)) | gradient
tf.math.ceil(f(3)) | gradient
tf.round(c([.5,1.5,2.5,-.5,-1.5]))
tf.round(f(3)) | gradient
tf.round(i(3))
tf.math.rint(c([.5,1.5,2.5]))
tf.math.is_nan(c([1.,float('nan'),float('inf')]))
tf.math.is_inf(c([1.,float('nan'),float('inf')]))
tf.math.is_finite(c([1.,float('nan'),float('inf')]))
tf.sigmoid(f(3)) | gradient
tf.sigmoid(c([-100.,0.,100.]))
tf.math.log_sigmoid(f(3)) | gradient
tf.math.softplus(f(3)) | gradient
tf.math.softplus(c([-100.,0.,100.]))
tf.nn.softsign(f(3)) | gradient
tf.nn.relu(f(4)) | gradient
tf.nn.relu(f(4)*0) | gradient
tf.nn.relu(i(4))
tf.nn.relu6(f(4)*4) | gradient
tf.nn.elu(f(4)) | gradient
tf.nn.selu(f(4)) | gradient
tf.nn.leaky_relu(f(4)) | gradient
tf.nn.leaky_relu(f(4),0.3) | gradient
tf.nn.gelu(f(4)) | gradient
tf.nn.gelu(f(4),approximate=True) | gradient
tf.nn.silu(f(4)) | gradient
tf.nn.swish(f(4),beta=2.0) | gradient
tf.nn.crelu(f(4)) | gradient
tf.logical_and(b(4),b(4))
tf.logical_or(b(4),True)
tf.logical_not(b(4))
tf.math.logical_xor(b(4),b(4))
tf.bitwise.bitwise_and(6,3)
tf.bitwise.bitwise_or(i(3),i(3))
tf.bitwise.bitwise_xor(i(3),i(3))
tf.bitwise.invert(i(3))
tf.bitwise.left_shift(c([1,2]),c([3,1]))
tf.bitwise.right_shift(c([8,-8]),c([1,1]))
tf.less(1,c(2.))
tf.equal(i(3),i(3))
tf.not_equal(f(3),f(3))
tf.greater(i(3),0)
tf.greater_equal(f(3),0)
tf.less_equal(f(3),0)
d(3)*d(3) | gradient
d(3)/d(3) | gradient
tf.exp(d(3)) | gradient
h(3)+h(3) | gradient
h(3)*2 | gradient
tf.exp(h(3)) | gradient
z(3)*z(3) | gradient
z(3)/z(3)
tf.abs(z(3)) | gradient
tf.exp(z(3))
tf.math.conj(z(3)) | gradient
tf.math.real(z(3)) | gradient
tf.math.imag(z(3)) | gradient
tf.math.angle(z(3))
tf.complex(f(2),f(2)) | gradient
tf.complex(1.,2.)
tf.math.scalar_mul(2.0,f(3)) | gradient
tf.cast(f(3),tf.float64) | gradient
tf.cast(f(3),tf.float16) | gradient
tf.cast(f(3)*3,tf.int32)
tf.cast(i(3),tf.float32)
tf.cast(c([1e20,float('nan'),-1e20]),tf.int32)
tf.cast(c([-1.,300.,1.9]),tf.uint8)
tf.cast(c([1.,0.]),tf.bool)
tf.cast(b(3),tf.float32)
tf.cast(c(300),tf.int8)
tf.cast(z(2),tf.float32)
tf.cast(f(2),tf.complex64) | gradient
tf.cast([1,2],'float32')
tf.saturate_cast(c([-5.,300.]),tf.uint8)
tf.bitcast(c(1.),tf.int32)
"""

REDUCTIONS = """
tf.reduce_sum(f(2,3)) | gradient
tf.reduce_sum(f(2,3),axis=0) | gradient
tf.reduce_sum(f(2,3),axis=-1,keepdims=True) | gradient
tf.reduce_sum(f(2,3,2),axis=[0,2]) | gradient
tf.reduce_sum(f(2,3),axis=[]) | gradient
tf.reduce_sum(f(0,3),axis=0)
tf.reduce_sum(i(2,3))
tf.reduce_sum([1,2,3])
tf.reduce_sum(c([250,10],tf.uint8))
tf.reduce_sum(f(2,3),axis=c(1))
tf.reduce_sum(f()) | gradient
tf.reduce_mean(f(2,3)) | gradient
tf.reduce_mean(f(2,3),axis=1) | gradient
tf.reduce_mean(f(2,3),axis=(0,1),keepdims=True) | gradient
tf.reduce_mean(f(0))
tf.reduce_mean(i(5))
tf.reduce_mean(c([1,2]))
tf.reduce_mean(c([-1,-2]))
tf.reduce_mean(h(4)) | gradient
tf.reduce_prod(f(2,3)) | gradient
tf.reduce_prod(f(2,3),axis=1) | gradient
tf.reduce_prod(f(3)*c([0.,1.,2.])) | gradient
tf.reduce_prod(i(3))
tf.reduce_max(f(2,3)) | gradient
tf.reduce_max(f(2,3),axis=1) | gradient
tf.reduce_max(f(3)*0) | gradient
tf.reduce_max(i(2,3),axis=0)
tf.reduce_max(f(0))
tf.reduce_min(f(2,3),axis=0) | gradient
tf.reduce_min(f(0))
tf.reduce_min(c([],tf.int32))
tf.reduce_all(b(2,3),axis=1)
tf.reduce_any(b(2,3))
tf.reduce_any(c([],tf.bool))
tf.reduce_logsumexp(f(2,3)) | gradient
tf.reduce_logsumexp(f(2,3),axis=1) | gradient
tf.reduce_logsumexp(c([1000.,1000.]))
tf.reduce_logsumexp(c([float('-inf'),float('-inf')]))
tf.math.reduce_variance(f(2,3)) | gradient
tf.math.reduce_std(f(2,3),axis=0) | gradient
tf.math.reduce_euclidean_norm(f(2,3)) | gradient
tf.math.count_nonzero(i(4,2))
tf.math.count_nonzero(i(4,2),axis=0)
tf.argmax(f(2,3),axis=1)
tf.argmax(f(2,3))
tf.argmax(c([[1,3,3]]),axis=-1,output_type=tf.int32)
tf.argmin(f(2,3),axis=0)
tf.argmax(c([1.,float('nan'),2.]))
tf.cumsum(f(4)) | gradient
tf.cumsum(f(2,3),axis=1) | gradient
tf.cumsum(f(4),exclusive=True) | gradient
tf.cumsum(f(4),reverse=True) | gradient
tf.cumsum(f(4),exclusive=True,reverse=True) | gradient
tf.cumsum(i(4))
tf.math.cumprod(f(4)) | gradient
tf.math.cumprod(f(2,3),axis=1,exclusive=True,reverse=True) | gradient
tf.math.segment_sum(f(4,2),c([0,0,1,3])) | gradient
tf.math.segment_mean(f(4,2),c([0,0,1,1])) | gradient
tf.math.segment_max(f(4,2),c([0,0,1,1])) | gradient
tf.math.segment_min(f(4),c([0,0,1,1])) | gradient
tf.math.unsorted_segment_sum(f(4,2),c([2,0,-1,0]),3) | gradient
tf.math.unsorted_segment_mean(f(4),c([2,0,2,0]),3) | gradient
tf.math.unsorted_segment_max(f(4),c([2,0,2,0]),3) | gradient
tf.math.unsorted_segment_min(f(4),c([2,0,2,0]),3)
tf.add_n([f(3),f(3),f(3)]) | gradient
tf.math.add_n([f(3)]) | gradient
tf.nn.l2_loss(f(2,3)) | gradient
tf.norm(f(3)) | gradient
tf.norm(f(2,3),axis=1) | gradient
tf.norm(f(2,3),ord=1,axis=0) | gradient
tf.norm(f(2,3),ord=np.inf) | gradient
tf.norm(f(2,3),ord=3) | gradient
tf.norm(f(2,3),axis=[0,1]) | gradient
tf.norm(f(2,3),ord=1,axis=[0,1])
tf.norm(f(2,3),keepdims=True) | gradient
tf.math.l2_normalize(f(2,3),axis=1) | gradient
tf.math.l2_normalize(c([0.,0.]))
tf.linalg.global_norm([f(2),f(3)]) | gradient
tf.linalg.global_norm([f(2),None])
tf.clip_by_value(f(5),-0.5,0.5) | gradient
tf.clip_by_value(c([1.,5.]),0,3)
tf.clip_by_value(i(4),-1,1)
tf.clip_by_norm(f(3),0.5) | gradient
tf.clip_by_norm(f(3)*0,0.5) | gradient
tf.clip_by_norm(f(2,3),0.5,axes=[1]) | gradient
tf.clip_by_norm(f(3),100.) | gradient
tf.clip_by_global_norm([f(2),f(3)],0.5) | gradient
tf.clip_by_global_norm([f(2),None],0.5)
tf.clip_by_global_norm([c([float('inf')])],0.5)
tf.clip_by_global_norm([f(2)],0.5,use_norm=c(2.))
tf.math.bincount([1,1,2])
tf.math.bincount(c([1,1,2]),weights=c([.5,1.,2.]))
tf.math.bincount([1,1,2],minlength=5,dtype=tf.int64)
tf.math.confusion_matrix([0,1,2],[1,1,0])
tf.math.confusion_matrix([0,1],[1,1],num_classes=3,weights=[.5,2.],dtype=tf.float32)
tf.histogram_fixed_width([1.,2.,5.,-1.,9.],[0.,5.],nbins=3)
tf.histogram_fixed_width_bins([1.,2.,5.,-1.,9.],[0.,5.],nbins=3)
tf.nn.moments(f(4,3),[0]) | gradient
tf.nn.moments(f(4,3),[0,1],keepdims=True) | gradient
"""

LAYOUT = """
tf.reshape(f(2,3),[3,2]) | gradient
tf.reshape(f(2,3),[-1]) | gradient
tf.reshape(f(2,3),(6,1)) | gradient
tf.reshape(f(2,3),c([1,-1])) | gradient
tf.reshape(f(1),[]) | gradient
tf.reshape(f(0),[0,3])
tf.transpose(f(2,3)) | gradient
tf.transpose(f(2,3,4),[1,2,0]) | gradient
tf.transpose(f(3)) | gradient
tf.expand_dims(f(3),0) | gradient
tf.expand_dims(f(3),-1) | gradient
tf.squeeze(f(1,3,1)) | gradient
tf.squeeze(f(1,3,1),axis=0) | gradient
tf.squeeze(f(1,3,1),[0,2]) | gradient
tf.broadcast_to(f(3),[2,3]) | gradient
tf.broadcast_to(f(2,1),[2,3]) | gradient
tf.stack([f(3),f(3)]) | gradient
tf.stack([f(3),f(3)],axis=1) | gradient
tf.stack([f(3),f(3)],axis=-1) | gradient
tf.stack([1,2,3])
tf.stack([f(),1.])
tf.concat([f(2,3),f(1,3)],0) | gradient
tf.concat([f(2,3),f(2,1)],axis=-1) | gradient
tf.concat([f(2),[1.,2.]],0)
tf.concat([f(2)],0) | gradient
tf.split(f(4),2) | gradient
tf.split(f(2,6),3,axis=1) | gradient
tf.split(f(6),[1,2,3]) | gradient
tf.split(f(6),[2,-1]) | gradient
tf.unstack(f(2,3)) | gradient
tf.unstack(f(2,3),axis=1) | gradient
tf.tile(f(2,3),[2,1]) | gradient
tf.tile(f(3),[0])
tf.repeat(f(3),2) | gradient
tf.repeat(f(2,3),[1,2],axis=0) | gradient
tf.repeat([1,2],[1,2])
tf.pad(f(2,3),[[1,0],[0,2]]) | gradient
tf.pad(f(4),[[1,2]],'REFLECT') | gradient
tf.pad(f(4),[[1,2]],'SYMMETRIC') | gradient
tf.pad(f(2),[[1,1]],constant_values=5.) | gradient
tf.reverse(f(2,3),[0]) | gradient
tf.reverse(f(2,3),axis=[0,1]) | gradient
tf.roll(f(4),1,0) | gradient
tf.roll(f(2,3),[1,-1],[0,1]) | gradient
tf.meshgrid(f(2),f(3)) | gradient
tf.meshgrid([1,2],[3,4,5],indexing='ij')
tf.identity(f(3)) | gradient
f(3)[0] | gradient
f(3)[-1] | gradient
f(3)[1:] | gradient
f(2,3)[:,1] | gradient
f(2,3)[...,None] | gradient
f(2,3)[None,...,::-1] | gradient
f(5)[::2] | gradient
f(5)[4:1:-1] | gradient
f(5)[10:]
f(2,3)[c(1)] | gradient
f(2,3)[1][2] | gradient
f(3)[c([True,False,True])] | gradient
f(4)[f(4)>0] | gradient
f(5)[c(1):c(3)]
f(2,3)[np.int64(1)]
tf.gather(f(4,2),[0,2,0]) | gradient
tf.gather(f(4,2),c([[0],[3]])) | gradient
tf.gather(f(2,4),[1,1,3],axis=1) | gradient
tf.gather(f(2,4),[[1,0],[3,2]],axis=1,batch_dims=1) | gradient
tf.gather(f(4),2) | gradient
tf.gather(c(['a','b']),[1,0])
tf.nn.embedding_lookup(f(4,2),[0,2,0]) | gradient
tf.nn.embedding_lookup([f(2,2),f(2,2),f(1,2)],[0,3,4,3]) | gradient
tf.nn.embedding_lookup([f(2,2),f(2,2),f(1,2)],[[4,1],[3,0]],max_norm=0.5) | gradient
tf.nn.embedding_lookup([f(2,2),f(2,2)],2)
tf.nn.embedding_lookup([f(1,2),f(2,2)],[0,2])
tf.nn.embedding_lookup([f(2),f(2)],c([],tf.int64))
tf.nn.embedding_lookup([d(2,1,2),d(1,1,2)],c([2,0],tf.int64))
tf.nn.embedding_lookup((f(2,2),f(2,2)),[1])
tf.nn.embedding_lookup((f(2,2),f(1,2)),[1])
tf.nn.embedding_lookup([f(2,2),f(2,2)],[4])
tf.nn.embedding_lookup([f(2,2),f(2,2)],[-1])
tf.nn.embedding_lookup([f(2,2),f(2,2)],[1.])
tf.nn.embedding_lookup([],[1])
tf.nn.embedding_lookup(None,[1])
tf.dynamic_partition(f(4,2),[0,1,0,3],3)
tf.dynamic_partition(f(2,2),[[0,1],[-1,0]],2)
tf.nn.embedding_lookup(f(4,2),[[0,2]],max_norm=0.5)
tf.gather_nd(f(2,3),[[0,1],[1,2]]) | gradient
tf.gather_nd(f(2,3),[[1],[1]]) | gradient
tf.gather_nd(f(2,3),[[1],[0]],batch_dims=1) | gradient
tf.scatter_nd([[1],[3],[1]],f(3),[5]) | gradient
tf.scatter_nd([[1],[0]],f(2,3),[2,3]) | gradient
tf.tensor_scatter_nd_update(f(4),[[1],[3]],f(2)) | gradient
tf.tensor_scatter_nd_add(f(4),[[1],[1]],f(2)) | gradient
tf.tensor_scatter_nd_sub(f(4),[[1],[1]],f(2)) | gradient
tf.tensor_scatter_nd_max(c([1.,2.]),[[0]],[5.])
tf.tensor_scatter_nd_min(c([1.,2.]),[[0]],[5.])
tf.boolean_mask(f(3),[True,False,True]) | gradient
tf.boolean_mask(f(2,3),[True,False]) | gradient
tf.boolean_mask(f(2,3),[[True,False,True],[False,False,True]]) | gradient
tf.boolean_mask(f(2,3),[True,False,True],axis=1) | gradient
tf.where(b(4),f(4),f(4)) | gradient
tf.where(b(4),f(4),0.) | gradient
tf.where(b(2,1),f(3),f(2,3)) | gradient
tf.where(f(4)>0,f(4),f(4)*2) | gradient
tf.where([True,False,True])
tf.where(b(2,3))
tf.one_hot([0,5,-1,1],3)
tf.one_hot([[0],[1]],2,axis=1)
tf.one_hot([0],2,5,0)
tf.one_hot([0,1],2,on_value=True,off_value=False,dtype=tf.bool)
tf.one_hot(c(1),3,dtype=tf.int32)
tf.dynamic_partition(f(4),[0,1,0,1],2) | gradient
tf.sequence_mask([1,3])
tf.sequence_mask([1,3],4,dtype=tf.float32)
tf.sort(f(5)) | gradient
tf.sort(f(2,3),axis=0,direction='DESCENDING') | gradient
tf.argsort(f(5))
tf.argsort(c([1,3,1,2]),direction='DESCENDING')
tf.nn.top_k(f(5),2) | gradient
tf.math.top_k(c([1,3,3,2]),3)
tf.nn.top_k(f(2,4),k=1) | gradient
tf.nn.in_top_k([0,1],[[1.,2.],[1.,2.]],1)
tf.unique(c([3,1,3,2]))
tf.unique_with_counts(c([3,1,3,2]))
tf.unique(c(['b','a','b']))
tf.searchsorted([1,3,5],[2,4])
tf.searchsorted([1.,3.,5.],[3.],side='right')
tf.linalg.diag(f(3)) | gradient
tf.linalg.diag(f(2),k=1) | gradient
tf.linalg.diag_part(f(3,3)) | gradient
tf.linalg.diag_part(f(2,3)) | gradient
tf.linalg.set_diag(f(3,3),f(3)) | gradient
tf.linalg.band_part(f(3,3),0,-1) | gradient
tf.linalg.band_part(f(3,4),1,0) | gradient
tf.linalg.trace(f(3,3)) | gradient
tf.linalg.tensor_diag(f(3)) | gradient
tf.linalg.tensor_diag_part(f(3,3)) | gradient
tf.linalg.matrix_transpose(f(2,3,4)) | gradient
"""

LINEAR = """
tf.matmul(f(2,3),f(3,4)) | gradient
tf.matmul(f(3,2),f(3,4),transpose_a=True) | gradient
tf.matmul(f(2,3),f(4,3),transpose_b=True) | gradient
tf.matmul(f(2,2,3),f(2,3,2)) | gradient
tf.matmul(f(2,2,3),f(3,2)) | gradient
tf.matmul(i(2,3),i(3,2))
tf.matmul(c([[1,2]]),[[1],[2]])
f(2,3)@f(3,2) | gradient
tf.matmul(f(0,3),f(3,2))
tf.linalg.matvec(f(2,3),f(3)) | gradient
tf.tensordot(f(2,3),f(3,2),1) | gradient
tf.tensordot(f(2,3),f(2,3),[[0,1],[0,1]]) | gradient
tf.tensordot(f(2,3),f(4),0) | gradient
tf.tensordot(f(2,3),f(3,2),[[1],[0]]) | gradient
tf.einsum('ij,jk->ik',f(2,3),f(3,2)) | gradient
tf.einsum('bij,bjk->bik',f(2,2,3),f(2,3,2)) | gradient
tf.einsum('ij->ji',f(2,3)) | gradient
tf.einsum('ii->',f(3,3))
tf.einsum('i,i->',f(3),f(3)) | gradient
tf.einsum('...i,i->...',f(2,3),f(3)) | gradient
tf.linalg.inv(f(3,3)+3*tf.eye(3)) | gradient
tf.linalg.solve(f(3,3)+3*tf.eye(3),f(3,1)) | gradient
tf.linalg.triangular_solve(f(3,3)+3*tf.eye(3),f(3,1)) | gradient
tf.linalg.cholesky(c([[4.,1.],[1.,3.]]))
tf.linalg.cholesky(c([[-1.,0.],[0.,1.]]))
tf.linalg.cholesky_solve(c([[2.,0.],[1.,3.]]),f(2,1))
tf.linalg.det(f(3,3)) | gradient
tf.linalg.slogdet(f(3,3))
tf.linalg.logdet(c([[4.,1.],[1.,3.]]))
tf.linalg.qr(c([[1.,2.],[3.,4.]]))
tf.linalg.svd(c([[1.,2.],[3.,4.]]),compute_uv=False)
tf.linalg.svd(f(3,2),compute_uv=False) | gradient
tf.linalg.eigvalsh(c([[4.,1.],[1.,3.]]))
tf.linalg.cross(f(3),f(3)) | gradient
tf.linalg.adjoint(z(2,2))
tf.eye(2)
tf.eye(2,3,batch_shape=[2])
tf.eye(2,dtype=tf.int32)
"""

NEURAL = """
tf.nn.softmax(f(2,3)) | gradient
tf.nn.softmax(f(2,3),axis=0) | gradient
tf.nn.softmax(c([1000.,0.]))
tf.nn.log_softmax(f(2,3)) | gradient
tf.nn.softmax_cross_entropy_with_logits(labels=tf.nn.softmax(f(2,3)),logits=f(2,3)) | gradient
tf.nn.softmax_cross_entropy_with_logits(labels=[[1.,0.,0.]],logits=f(2,3))
tf.nn.softmax_cross_entropy_with_logits(labels=p(2,2,3),logits=f(2,2,3)) | gradient
tf.nn.softmax_cross_entropy_with_logits(c([1.,0.]),f(2)) | gradient
tf.nn.sparse_softmax_cross_entropy_with_logits(labels=c([0,2]),logits=f(2,3)) | gradient
tf.nn.sparse_softmax_cross_entropy_with_logits(labels=c([[0,2]]),logits=f(1,2,3)) | gradient
tf.nn.sparse_softmax_cross_entropy_with_logits([1,0],h(2,3))
tf.nn.sigmoid_cross_entropy_with_logits(labels=p(3),logits=f(3)) | gradient
tf.nn.sigmoid_cross_entropy_with_logits(labels=p(3),logits=f(3)*0) | gradient
tf.nn.sigmoid_cross_entropy_with_logits(labels=[1.,0.],logits=[100.,-100.])
tf.nn.weighted_cross_entropy_with_logits(labels=p(3),logits=f(3),pos_weight=2.) | gradient
tf.nn.bias_add(f(2,3),f(3)) | gradient
tf.nn.bias_add(f(1,3,2,2),f(3),data_format='NCHW') | gradient
tf.nn.batch_normalization(f(4,3),f(3),p(3),f(3),p(3),1e-3) | gradient
tf.nn.batch_normalization(f(4,3),f(3),p(3),None,None,1e-3) | gradient
tf.nn.conv2d(f(1,4,4,2),f(3,3,2,2),1,'SAME') | gradient
tf.nn.conv2d(f(2,5,4,1),f(2,3,1,2),2,'VALID') | gradient
tf.nn.conv2d(f(1,5,5,1),f(2,2,1,1),[1,2,2,1],'SAME') | gradient
tf.nn.conv2d(f(1,6,6,1),f(2,2,1,1),1,'VALID',dilations=2) | gradient
tf.nn.conv2d(f(1,4,4,1),f(3,3,1,1),1,[[0,0],[1,1],[2,0],[0,0]]) | gradient
tf.nn.conv1d(f(2,5,2),f(3,2,2),1,'SAME') | gradient
tf.nn.conv1d(f(2,6,1),f(2,1,2),2,'VALID') | gradient
tf.nn.conv3d(f(1,3,3,3,1),f(2,2,2,1,1),[1,1,1,1,1],'VALID') | gradient
tf.nn.depthwise_conv2d(f(1,4,4,2),f(2,2,2,2),[1,1,1,1],'SAME') | gradient
tf.nn.conv2d_transpose(f(1,2,2,2),f(3,3,1,2),[1,4,4,1],2,'SAME') | gradient
tf.nn.max_pool(f(1,4,4,2),2,2,'VALID') | gradient
tf.nn.max_pool(f(1,5,5,1),3,2,'SAME') | gradient
tf.nn.max_pool(f(1,4,4,1)*0,2,2,'VALID') | gradient
tf.nn.max_pool2d(f(1,4,4,1),[2,2],[2,2],'VALID') | gradient
tf.nn.max_pool1d(f(1,4,2),2,2,'VALID')
tf.nn.avg_pool(f(1,4,4,2),2,2,'VALID') | gradient
tf.nn.avg_pool(f(1,5,5,1),3,2,'SAME') | gradient
tf.nn.avg_pool2d(f(1,4,4,1),2,1,'SAME') | gradient
tf.nn.dropout(f(3),0) | gradient
tf.nn.compute_average_loss(f(3)) | gradient
tf.nn.compute_average_loss(f(3),global_batch_size=6) | gradient
tf.nn.compute_average_loss(f(3),sample_weight=p(3)) | gradient
tf.nn.compute_average_loss(f(3),global_batch_size=0)
tf.nn.scale_regularization_loss(f(3)) | gradient
tf.stop_gradient(f(3))*f(3) | gradient
tf.math.log_softmax(f(2,3)) | gradient
"""

MAKING = """
c(1)
c(1.5)
c(True)
c('a')
c(1j)
c([1,2.5])
c([[1,2],[3,4]],dtype=tf.float32)
c([])
c([[],[]])
c(2**40)
c(3,tf.float64)
c(300,tf.uint8)
c(-1,tf.uint8)
c(1.5,tf.complex64)
c(True,tf.float32)
c([1,2,3,4],shape=(2,2))
c(1,shape=(2,2))
c(np.float64(1))
c(np.array([1,2]))
c([np.float32(1),2])
c([np.array([1.,2.]),np.array([1.,2.])])
c(np.array(['a','b']))
c(np.array([1.5,2.]),tf.int32)
tf.convert_to_tensor(range(3))
tf.convert_to_tensor([c(1.),2.])
tf.convert_to_tensor((c(1),c(2)),dtype=tf.float32)
tf.convert_to_tensor(tf.TensorShape([2,3]))
tf.convert_to_tensor(1.5,dtype_hint=tf.int32)
tf.convert_to_tensor(1,dtype_hint=tf.float32)
tf.convert_to_tensor(np.array([1.5,2.]),dtype_hint=tf.int32)
tf.convert_to_tensor([[1,c(2)],[3,4]])
tf.zeros([2,3])
tf.zeros([],tf.int32)
tf.zeros([2],tf.string)
tf.zeros(3)
tf.zeros(c([2,1]))
tf.zeros((c(2),1))
tf.zeros(tf.TensorShape([2]),tf.bool)
tf.ones([2,3],tf.int64)
tf.ones([2],tf.bool)
tf.zeros_like(f(2,3))
tf.zeros_like([1,2],dtype=tf.float32)
tf.zeros_like('a')
tf.ones_like(i(2))
tf.fill([2,2],3)
tf.fill([2],'a')
tf.fill([2],f()) | gradient
tf.range(5)
tf.range(2,5)
tf.range(3.)
tf.range(0,1,0.25)
tf.range(5,0,-2)
tf.range(c(3),5.)
tf.range(3,dtype=tf.float32)
tf.linspace(0.,1.,5)
tf.linspace(0,1,3)
tf.linspace(0.,1.,1)
tf.linspace(0.,1.,0)
tf.linspace([0.,1.],[1.,2.],3)
tf.shape(f(2,3))
tf.shape(f(2,3),out_type=tf.int64)
tf.shape(1)
tf.size(f(2,3))
tf.size(f(2,3),tf.int64)
tf.rank(f(2,3))
tf.broadcast_static_shape(tf.TensorShape([2,1]),tf.TensorShape([3]))
tf.broadcast_dynamic_shape([2,1],[3])
tf.ensure_shape(f(2,3),[None,3]) | gradient
tf.get_static_value(c([1,2]))
tf.group()
tf.no_op()
tf.strings.as_string(c([1.5,2.]))
tf.strings.as_string(c([1]))
tf.strings.as_string(c([True]))
tf.strings.as_string(c(1.5),precision=2)
tf.strings.as_string(c([1,10]),width=3,fill='0')
tf.strings.as_string(c(1e10),shortest=True)
tf.strings.as_string(c(1e10),scientific=True)
tf.strings.join([c('a'),'b'],'-')
tf.strings.join([c(['a','c']),'b'])
tf.strings.format('{} x {}',(f(2)*0,c('s')))
tf.strings.format('a{}',tf.range(20))
tf.strings.length(c('abc'))
tf.strings.lower('ABC')
tf.strings.to_number(c(['1.5','2']))
"""

PYTHON = """
repr(c([1.,2.]))
str(c([1.,2.]))
repr(c(1.))
str(c(1))
repr(c('a'))
str(c(['a','b']))
repr(c([[1,2],[3,4]]))
str(c([[1.,2.],[3.,4.]]))
repr(c(True))
repr(c([]))
repr(c([0.1,1e10,1e-10]))
str(c(0.1))
repr(c(1,tf.int64))
repr(c([1+2j]))
repr(tf.range(2000))
str(tf.zeros([2,0]))
f'{c(1.5)}'
f'{c([1.5])}'
format(c(1.5),'.2f')
'%.2f'%c(1.5)
bool(c(1))
bool(c('a'))
float(c(1.5))
int(c(1.7))
complex(c(2.))
len(f(3))
list(c([1,2]))
[1,2,3][c(1)]
range(c(3))
c(1) in [c(1)]
c(1.).numpy()
c([1.,2.]).numpy()
c('a').numpy()
np.add(c([1.]),1)
np.array([c(1.),c(2.)])
np.asarray(c([1,2]))
np.array([1.,2.])+c(1.)
np.float64(2)*c(1.)
c(1.)+np.float64(2)
c(1.)+np.array([1.,2.])
c(1)+np.array([1.,2.])
c([1.])+[1]
tf.multiply(1,c(1.5))
tf.maximum(c(1.),np.array([1,2]))
tf.maximum(np.array([1.,2.]),c(1.))
tf.add(1.5,1)
c([1.]).dtype==np.float32
c([1.]).dtype=='float32'
c([1.,2.]).shape
c([1.,2.]).shape.as_list()
c([[1.,2.]]).shape[0]
c([[1.,2.]]).shape[1:]
c([1.,2.]).get_shape()
c([1.,2.]).ndim
c([1.,2.]).device
c([1.,2.]).shape==(2,)
c([1.,2.]).shape==[2]
c([1.,2.]).ref()==c([1.,2.]).ref()
tf.float32
str(tf.float32)
[tf.int32.min,tf.int32.max,tf.float32.max,tf.int8.limits]
[tf.as_dtype(one) for one in ('float32',np.float64,int,float,bool,1,'half')]
[tf.float32.size,tf.int64.size,tf.bool.size,tf.string.size,tf.bfloat16.size]
[tf.float32.is_floating,tf.int32.is_integer,tf.complex64.is_complex,tf.bool.is_bool,tf.uint8.is_unsigned]
[tf.float32.as_numpy_dtype,tf.string.as_numpy_dtype,tf.complex64.real_dtype,tf.float32.base_dtype]
[hash(tf.float32)==hash(tf.as_dtype('float32')),tf.float32!=tf.float64,tf.float32!='float32']
tf.TensorShape([None,2])
str(tf.TensorShape([None,2]))
str(tf.TensorShape([3]))
tf.TensorShape(None)
str(tf.TensorShape(None))
[tf.TensorShape([2,3]).num_elements(),tf.TensorShape([None]).num_elements(),tf.TensorShape([2]).rank]
[tf.TensorShape([2,None]).is_compatible_with([2,3]),tf.TensorShape([2]).is_fully_defined()]
tf.TensorShape([2,3])+[4]
tf.TensorShape([2,None]).merge_with([None,3])
tf.TensorShape([2,3]).concatenate(tf.TensorShape([1]))
tf.TensorShape([2])==tf.TensorShape([2,None])
tf.TensorSpec([None],tf.float32,name='x')
tf.TensorSpec([None]).is_compatible_with(c([1.]))
tf.TensorSpec.from_tensor(c([1,2]))
tf.type_spec_from_value(c([1.]))
str(tf.IndexedSlices(c([1.]),c([0])))
tf.convert_to_tensor(tf.IndexedSlices(c([[1.],[2.]]),c([1,1]),c([3,1])))
tf.is_tensor(1)
tf.is_tensor(c(1))
tf.nest.flatten({'b':1,'a':[2,(3,)]})
tf.nest.map_structure(lambda one,other:one+other,{'a':[1,2]},{'a':[3,4]})
tf.nest.pack_sequence_as({'b':0,'a':[0,0]},[1,2,3])
tf.nest.is_nested([1])
tf.nest.is_nested('a')
tf.nest.flatten(None)
tf.nest.map_structure(lambda one:one,())
type(c(1)).__name__
[type(c(1)).__module__,tf.Tensor.__name__]
isinstance(c(1),tf.Tensor)
tf.errors.InvalidArgumentError(None,None,'words').error_code
[tf.errors.InvalidArgumentError(None,None,'words').message,tf.errors.CANCELLED,tf.errors.OUT_OF_RANGE]
str(tf.errors.NotFoundError(None,None,'words'))
issubclass(tf.errors.OutOfRangeError,tf.errors.OpError)
tf.GradientTape().watched_variables()
tf.recompute_grad(lambda one:one*one)(f(3)) | gradient
tf.custom_gradient(lambda one:(one*2,lambda dy:dy*5))(f(3)) | gradient
tf.custom_gradient(lambda one,other:(one*other,lambda dy:(dy*2,None)))(f(3),f(3)) | gradient
tf.grad_pass_through(tf.round)(f(3)) | gradient
"""

ERRORS = """
c(1)+1.5
c(1)+c(1.)
1.5+c(1)
c([1.])+'a'
c([1.])+None
c([1])+[1.5]
c(True)+c(True)
-c(True)
tf.add(c(1),1.5)
tf.add(1,1.5)
tf.add(np.array([1.,2.]),c(1.))
tf.multiply(c(1),c(1.))
tf.multiply(c(1),1.5)
tf.multiply(1,1.5)
tf.maximum(c(1.),c(1))
tf.subtract(c(1),1.5)
tf.divide(c(1),c(2.))
tf.equal(c(1),1.)
c([1.,2.])==c([1,2])
c([1.,2.])=='a'
c([1.,2.])<c([1,2])
f(2)+f(3)
tf.equal(c([1,2]),c([1,2,3]))
tf.logical_and(c(1),True)
c(3)//c(0)
c(3)%c(0)
c(3)**c(-2)
tf.exp(1)
tf.exp(c(1))
tf.sqrt(c([4]))
tf.math.is_nan(c(1))
tf.nn.relu(c(True))
tf.nn.relu(c('a'))
tf.matmul(c([[1.]]),c([[1]]))
tf.matmul([[1.]],c([[1]]))
tf.matmul(f(1,2),f(1,2))
tf.matmul(f(2),f(2))
f(2)@f(2)
tf.concat([c([1.]),c([1])],0)
tf.concat([f(1,1),f(1,2)],0)
tf.concat([f(),f()],0)
tf.concat([f(2),f(2,2)],0)
tf.stack([f(1),f(2)])
tf.stack([c(1),c(1.)])
tf.stack([f(2)],axis=5)
c(None)
c([1,None])
c([[1],[2,3]])
c(2**70)
c(1.5,tf.int32)
c([1.5],tf.int32)
c([True,1])
c([1,'a'])
c(1,tf.bool)
c(1,tf.string)
c('a',tf.float32)
c(c(1.),tf.int32)
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
c([1,'a'],tf.int32)
c({1:2},tf.int32)
c([1,2,3,4],shape=(2,3))
tf.convert_to_tensor(c(1.),tf.int32)
tf.convert_to_tensor(object)
tf.convert_to_tensor({})
tf.convert_to_tensor(tf.float32)
tf.convert_to_tensor(tf.TensorShape([None,3]))
tf.convert_to_tensor([c(1),c(2.)])
tf.convert_to_tensor([c([1]),c([1,2])])
bool(c([1,2]))
float(c([1.5]))
len(c(1.))
list(c(1.))
hash(c(1.))
{c(1):1}
c([1.,2.])[2]
c([1.,2.])[0.5]
c([1.,2.])['a']
c([1.,2.])[c(1.)]
c([1.,2.])[[0,1]]
c([1.,2.])[0,0]
c([1.,2.]).foo
c([1.,2.]).op
c([1.,2.]).name
c([1.,2.]).graph
c([1.]).assign(2)
c(1.).__setitem__(0,1.)
c([1.]).reshape
c(1.).astype
tf.reshape(c([1,2,3]),[2,2])
tf.reshape(c([1,2,3]),[-1,2])
tf.reshape(c([1,2,3]),[-1,-1])
tf.reshape(c([1,2,3]),[1.5])
tf.reduce_sum(c([1.,2.]),axis=1)
tf.reduce_sum(c([1.,2.]),axis=1.5)
tf.reduce_sum(c(True))
tf.reduce_any(c([1]))
tf.reduce_mean(c('a'))
tf.math.reduce_std(c([1,2]))
tf.argmax(f(1,3),axis=5)
tf.cast('a',tf.float32)
tf.cast(c(1.),'foo')
tf.as_dtype('f4x')
tf.gather(c([1.,2.]),[2])
tf.gather(c([1.,2.]),[0],axis=1)
tf.gather(c([1.,2.]),[0.])
tf.gather_nd(c([1,2]),[[3]])
tf.nn.embedding_lookup(f(2,1),[3])
tf.scatter_nd([[5]],[1],[3])
tf.tensor_scatter_nd_update(c([1,2]),[[5]],[1])
tf.tensor_scatter_nd_update(c([1,2]),[[0]],[1.])
tf.zeros([-1])
tf.ones([2,None])
tf.fill([2.],1)
tf.transpose(c([[1,2]]),[0,1,2])
tf.transpose(c([[1,2]]),[0,0])
tf.one_hot([0.],2)
tf.one_hot([0],2,on_value=1,off_value=0.)
tf.squeeze(c([[1,2]]),1)
tf.expand_dims(c([1]),3)
tf.split(c([1,2,3]),2)
tf.split(c([1,2,3]),[1,1])
tf.unstack(c(1.))
tf.unstack(c([1.,2.]),num=3)
tf.tile(c([1]),[1,2])
tf.tile(c([1]),[-1])
tf.pad(c([1]),[[1]])
tf.pad(c([1,2]),[[3,0]],'REFLECT')
tf.pad(c([1,2]),[[1,0]],'FOO')
tf.reverse(c([1,2]),[1])
tf.broadcast_to(c([1,2]),[3,3])
tf.boolean_mask(c([1,2]),[True])
tf.boolean_mask(c([1,2]),[[True,False]])
tf.where(c([1.]),1,2)
tf.where(c([True,False]),1,2.)
tf.where(c([True,False]),c(1),c(2.))
tf.where(c([True]),1)
tf.range(0,3,0)
tf.range(3,0)
tf.clip_by_value(c([1,5]),0,3.5)
tf.clip_by_global_norm(c(1.),1.)
tf.add_n([])
tf.add_n([c(1),c(1.)])
tf.add_n([c([1.]),c([1.,2.])])
tf.add_n(c([1.]))
tf.nn.softmax(c([1,2]))
tf.nn.softmax_cross_entropy_with_logits(labels=f(1,2),logits=f(1,3))
tf.nn.sparse_softmax_cross_entropy_with_logits(labels=c([5]),logits=f(1,3))
tf.nn.sparse_softmax_cross_entropy_with_logits(labels=c([0,1]),logits=f(1,3))
tf.nn.sparse_softmax_cross_entropy_with_logits(labels=c(0),logits=f(1,3))
tf.nn.sigmoid_cross_entropy_with_logits(labels=f(1),logits=f(2))
tf.nn.conv2d(f(1,4,4,1),f(3,3,2,1),1,'SAME')
tf.nn.max_pool(f(1,4,4,1),2,2,'FOO')
tf.nn.bias_add(f(1,2),f(3))
tf.nn.dropout(f(2),1.5)
tf.nn.l2_loss(c([1,2]))
tf.nn.top_k(c([1,2]),5)
tf.norm(c([1,2]))
tf.norm(f(2),ord='foo')
tf.linalg.inv(tf.zeros([2,2]))
tf.linalg.inv(f(1,3))
tf.linalg.solve(c([[1.]]),c([1.]))
tf.unique(c([[1]]))
tf.sort(c([3,1,2]),direction='FOO')
tf.cumsum(c([1,2]),axis=1)
tf.math.segment_sum(c([1.,2.]),[1,0])
tf.ensure_shape(c([1.]),[2])
tf.einsum('ij,jk->ik',f(2,3),f(2,3))
tf.reduce_sum(tf.IndexedSlices(c([1.]),c([0])))
tf.GradientTape().gradient(c(1.),c(1.))
tf.GradientTape().watch(1)
tf.nest.map_structure(lambda one,other:one,[1],[1,2])
tf.nest.map_structure(lambda one,other:one,[1],(1,))
tf.nest.map_structure(lambda one,other:one,{'a':1},{'b':1})
tf.nest.map_structure(1,[1])
tf.nest.pack_sequence_as([1,2],[1])
tf.nest.pack_sequence_as(1,[1,2])
tf.nest.assert_same_structure([1,[2]],[1,2])
tf.TensorShape([-1])
tf.TensorShape(['a'])
tf.TensorShape([2]).assert_is_compatible_with([3])
tf.TensorShape([2]).merge_with([3])
tf.TensorShape([2]).with_rank(2)
tf.TensorShape(None).as_list()
tf.debugging.assert_equal(c([1,2]),c([1,3]))
tf.debugging.assert_equal(1,2,message='hey')
tf.debugging.assert_equal(1,1)
tf.debugging.assert_less(c([1,2]),c([1,3]))
tf.debugging.assert_greater(c([1,2]),0)
tf.debugging.assert_greater_equal(c([1,2]),2)
tf.debugging.assert_positive(c([-1.]))
tf.debugging.assert_non_negative(c([-1,2,3,4]),message='neg')
tf.debugging.assert_rank(c([1.]),2)
tf.debugging.assert_rank(c([1.]),1)
tf.debugging.assert_shapes([(c([1.]),('A','B'))])
tf.debugging.assert_type(c([1.]),tf.int32)
tf.debugging.assert_scalar(c([1.]))
tf.debugging.check_numerics(c([float('nan')]),'msg')
tf.debugging.check_numerics(c([1.]),'msg')
tf.debugging.assert_all_finite(c([float('inf')]),'msg')
tf.strings.to_number('x')
tf.custom_gradient(lambda one:(one,lambda dy:(dy,dy)))(f(2)) | gradient
"""

COMPOSED = """
tf.slice(f(3,4),[1,0],[2,-1]) | gradient
tf.slice(f(4),[1],[2]) | gradient
tf.slice(c([1,2]),[0],[5])
tf.realdiv(f(3),p(3)) | gradient
tf.identity_n([f(2),f(3)]) | gradient
tf.math.zero_fraction(c([0.,1.,0.]))
tf.math.reciprocal_no_nan(c([0.,2.]))
tf.linalg.normalize(f(2,3),axis=1) | gradient
tf.math.polyval([1.,2.,3.],f(3)) | gradient
tf.zeros_initializer()([2])
tf.ones_initializer()([2],dtype=tf.int32)
tf.constant_initializer(3.)([2,2])
tf.constant_initializer([1,2])(2)
tf.constant_initializer([1,2])([3])
tf.is_symbolic_tensor(c(1))
"""

TEXTS = (ELEMENTWISE, REDUCTIONS, LAYOUT, LINEAR, NEURAL, MAKING, PYTHON, ERRORS, COMPOSED)
