"""The expressions over strings, ragged tensors and tables; `table.py` tells how they are written."""

STRINGS = """
tf.strings.split('a b  c')
tf.strings.split('a,b,,c',',')
tf.strings.split('a,b,c',',',maxsplit=1)
tf.strings.split('',',')
tf.strings.split('')
tf.ragged.map_flat_values(tf.strings.length,tf.strings.split(['aa\\tb','','c']))
tf.ragged.map_flat_values(tf.strings.join,[tf.strings.split(['a\\tb','c']),tf.strings.split(['d\\te','f'])])
tf.ragged.map_flat_values(tf.reduce_max,tf.ragged.map_flat_values(tf.strings.length,tf.strings.split(['a\\tb'])))
tf.ragged.map_flat_values(tf.add,1,y=2)
tf.strings.split(['a b','c',''])
tf.strings.split(['a b','c','']).to_tensor()
tf.strings.split(['a b','c','']).to_tensor('x')
tf.strings.split(['a b','c','']).to_tensor(shape=[None,3])
tf.strings.split(['a b','c','']).to_tensor(shape=[None,1])
tf.strings.split(['a b','c','']).shape
tf.strings.split(['a b','c','']).to_list()
tf.strings.split(['a b','c','']).values
tf.strings.split(['a b','c','']).row_splits
tf.strings.split(['a b','c','']).row_lengths()
tf.strings.split(['a b','c','']).nrows()
tf.strings.split(['a b','c','']).bounding_shape()
tf.strings.split(['a b','c',''])[0]
tf.strings.split(['a b','c',''])[-2]
tf.strings.split(['a b','c',''])[:2]
tf.strings.split(['a b','c','']).to_sparse()
list(tf.strings.split(['a b','c','']))
len(tf.strings.split(['a b']))
tf.RaggedTensor.from_row_splits([1,2,3],[0,2,2,3])
tf.RaggedTensor.from_row_lengths([1.,2.,3.],[1,2])
tf.RaggedTensor.from_row_lengths([1.,2.,3.],[1,2]).to_tensor(-1.)
tf.RaggedTensor.from_row_lengths([1,2,3],[1,2]).dtype
tf.RaggedTensor([1],[0,1])
bool(tf.RaggedTensor.from_row_lengths([1],[1]))
tf.RaggedTensor.from_row_lengths([1,2,3],[1,2])*2
1-tf.RaggedTensor.from_row_lengths([1,2,3],[1,2])
-tf.RaggedTensor.from_row_lengths([1,2,3],[1,2])
tf.RaggedTensor.from_row_lengths([1,2,3],[1,2])+tf.RaggedTensor.from_row_lengths([4,5,6],[1,2])
tf.RaggedTensorSpec([None,None],tf.string,1)
tf.strings.bytes_split('abc')
tf.strings.bytes_split(['ab','c'])
tf.strings.substr('hello',1,3)
tf.strings.substr(['hello','world'],-3,2)
tf.strings.substr(['hello','world'],[1,2],[2,9])
tf.strings.substr('hello',7,1)
tf.strings.substr(c(b'h\\xc3\\xa9llo'),1,2,unit='UTF8_CHAR')
tf.strings.substr('hello',[1],2)
tf.strings.strip([' a b\\n','\\tc'])
tf.strings.lower('ABC')
tf.strings.upper('a\\u00e9'.encode(),encoding='utf-8')
tf.strings.lower('ABC',encoding='x')
tf.strings.reduce_join([['a','b'],['c','d']])
tf.strings.reduce_join([['a','b'],['c','d']],axis=0,separator='-')
tf.strings.reduce_join([['a','b'],['c','d']],axis=-1,keepdims=True)
tf.strings.regex_replace(['cat','hat'],'(.)at','\\\\1\\\\1og')
tf.strings.regex_replace('aaa','a','b',replace_global=False)
tf.strings.regex_replace('a.b','\\\\.','')
tf.strings.regex_replace('abc','a(?=b)','x')
tf.strings.regex_full_match(['abc','abd','xabc'],'a.c')
tf.strings.to_hash_bucket_fast(['','a','abcd','abcdefgh'],1000003)
tf.strings.to_hash_bucket_fast(['x'*20,'y'*40,'z'*64,'w'*65,'v'*200,'0123456789'*33],2**62)
tf.strings.to_hash_bucket_fast('a',0)
tf.strings.to_number(['1.5','-2'])
tf.strings.to_number(c(['7']),tf.int64)
tf.strings.length(c([b'h\\xc3\\xa9']),unit='UTF8_CHAR')
tf.strings.join(['a',['b','c']],'/')
tf.cast(tf.SparseTensor([[0,1]],[1],[2,2]),tf.float32)
"""

TABLES = """
tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(['a','b'],c([1,2],tf.int64)),-1).lookup(c(['a','z']))
tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(['a','b'],c([1,2],tf.int64)),-1)[c('b')]
tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(['a','b'],[1,2]),-1).size()
tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(['a','b'],[1,2]),-1).default_value
tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(['a','b'],[1,2]),-1).key_dtype
tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(['a','b'],[1,2]),-1).lookup('a')
tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(['a','b'],[1,2]),-1).lookup(c([1.]))
tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer([1,2],[1.,2.]),0.).lookup(c([2,3]))
tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer([1,2],['a','b']),'?').lookup(c([[2],[3]]))
tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(['a','a'],[1,2]),-1)
tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(['a','b'],[1,2,3]),-1)
tf.lookup.StaticHashTable(tf.lookup.KeyValueTensorInitializer(['a'],[1]),1.5)
tf.lookup.StaticHashTable(type('Null',(tf.lookup.KeyValueTensorInitializer,),{'initialize':lambda*o:None,'key_dtype':'string'})(['a'],[1]),-1).lookup(c(['a']))
tf.lookup.StaticHashTable(type('Null',(tf.lookup.KeyValueTensorInitializer,),{'initialize':lambda*o:None,'key_dtype':'string'})(['a'],[1]),-1).size()
tf.lookup.StaticHashTable(type('Null',(tf.lookup.KeyValueTensorInitializer,),{'initialize':lambda*o:None,'key_dtype':'string'})(['a'],[1]),-1).export()
tf.lookup.StaticHashTable(type('Null',(tf.lookup.KeyValueTensorInitializer,),{'initialize':lambda*o:None,'key_dtype':'string'})(['a'],[1]),-1).key_dtype
(lambda*o:[o[0].insert(c(['a','b','a']),c([1,2,3],tf.int64)),o[0].lookup(c([['a'],['z']]))][-1])(tf.lookup.experimental.MutableHashTable(tf.string,tf.int64,-1))
(lambda*o:[o[0].insert(c(['a','b','a']),c([1,2,3],tf.int64)),o[0]['a']][-1])(tf.lookup.experimental.MutableHashTable(tf.string,tf.int64,-1))
(lambda*o:[o[0].insert(c(['a','b','a']),c([1,2,3],tf.int64)),o[0].lookup(c(['a','q']),c([5,6],tf.int64))][-1])(tf.lookup.experimental.MutableHashTable(tf.string,tf.int64,-1))
(lambda*o:[o[0].insert(c(['a','b','a']),c([1,2,3],tf.int64)),o[0].size()][-1])(tf.lookup.experimental.MutableHashTable(tf.string,tf.int64,-1))
(lambda*o:[o[0].insert(c(['a','b','a']),c([1,2,3],tf.int64)),tf.sort(o[0].export()[1])][-1])(tf.lookup.experimental.MutableHashTable(tf.string,tf.int64,-1))
(lambda*o:[o[0].insert(c(['a','b','a']),c([1,2,3],tf.int64)),o[0].remove(c(['a','q'])),o[0].size()][-1])(tf.lookup.experimental.MutableHashTable(tf.string,tf.int64,-1))
(lambda*o:[0,o[0].insert(c([1]),c([1],tf.int64))][-1])(tf.lookup.experimental.MutableHashTable(tf.string,tf.int64,-1))
(lambda*o:[0,o[0].insert(c(['x']),c([1,2],tf.int64))][-1])(tf.lookup.experimental.MutableHashTable(tf.string,tf.int64,-1))
(lambda*o:[0,o[0].remove(c([1]))][-1])(tf.lookup.experimental.MutableHashTable(tf.string,tf.int64,-1))
(lambda*o:[o[0].insert(c([1,2],tf.int64),[[1.,2.],[3.,4.]]),o[0].lookup(c([2,9],tf.int64))][-1])(tf.lookup.experimental.MutableHashTable(tf.int64,tf.float32,[0.,0.]))
(lambda*o:[o[0].insert(c([1,2],tf.int64),[[1.,2.],[3.,4.]]),o[0].export()[1].shape][-1])(tf.lookup.experimental.MutableHashTable(tf.int64,tf.float32,[0.,0.]))
(lambda*o:[0,o[0].insert(c([1],tf.int64),[1.])][-1])(tf.lookup.experimental.MutableHashTable(tf.int64,tf.float32,[0.,0.]))
tf.lookup.experimental.MutableHashTable('string','int64',0).value_dtype
tf.lookup.experimental.MutableHashTable(tf.string,tf.int64,1.5)
tf.lookup.KeyValueTensorInitializer(['a'],[1],key_dtype=tf.int32)
tf.lookup.StaticVocabularyTable(tf.lookup.KeyValueTensorInitializer(['a','b'],c([0,1],tf.int64)),3).lookup(c(['a','b','x','y','zz']))
tf.lookup.StaticVocabularyTable(tf.lookup.KeyValueTensorInitializer(['a','b'],c([0,1],tf.int64)),3).size()
tf.lookup.StaticVocabularyTable(tf.lookup.KeyValueTensorInitializer(c([5,6],tf.int64),c([0,1],tf.int64)),3).lookup(c([5,7,8,100],tf.int64))
tf.lookup.StaticVocabularyTable(None,3).lookup(c(['a','b']))
tf.lookup.StaticVocabularyTable(tf.lookup.KeyValueTensorInitializer(['a','b'],[0,1]),3)
tf.lookup.StaticVocabularyTable(tf.lookup.KeyValueTensorInitializer(['a'],c([0],tf.int64)),0)
tf.lookup.TextFileIndex.WHOLE_LINE
"""

COMPAT = """
tf.compat.as_text(b'h\\xc3\\xa9')
tf.compat.as_text('a')
tf.compat.as_text(1)
tf.compat.as_text(b'a',encoding='nothing')
tf.compat.as_bytes('h\\xe9')
tf.compat.as_bytes(bytearray(b'a'))
tf.compat.as_bytes(2)
tf.compat.as_str(b'a')
tf.compat.as_str_any(1.5)
tf.compat.as_str_any(b'x')
tf.compat.path_to_str(__import__('pathlib').Path('a'))
"""

TEXTS = (STRINGS, TABLES, COMPAT)
